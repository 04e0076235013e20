"""The vocabulary of the world: names by origin, streets, places with their municipality, industries.

Read once from data/; everything there is made up or common knowledge, none of it is anybody's record.
"""

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from akrim.own_yaml import read_own
from akrim.synthetic.world.randomness import Booleans, Floats, Integers, Texts, texts, weighted


@dataclass(frozen=True)
class Origin:
    """Names of one language; `family_male` and `family_female` are aligned."""

    name: str
    male: Texts
    female: Texts
    family_male: Texts
    family_female: Texts
    family_weights: Floats


@lru_cache
def words() -> dict[str, Any]:
    loaded: dict[str, Any] = read_own(files("akrim.synthetic").joinpath("data/names.yaml"))
    return loaded


@lru_cache
def table(name: str) -> dict[str, Texts]:
    """A CSV file of data/ as columns of text."""
    text = files("akrim.synthetic").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {column: texts([row[column] for row in rows]) for column in rows[0]}


@lru_cache
def origins() -> list[Origin]:
    return [_origin(name, lists) for name, lists in words()["origins"].items()]


def origin_weights() -> list[float]:
    return [float(lists["weight"]) for lists in words()["origins"].values()]


def _origin(name: str, lists: dict[str, Any]) -> Origin:
    family = list(lists["family"])
    weights = [1 / (rank + 6) for rank in range(len(family))]
    if "stems" in lists:
        farms = [stem + ending for stem in lists["stems"] for ending in lists["endings"]]
        common = sum(weights)
        weights += [common * 0.9 / len(farms)] * len(farms)
        family += farms
    return Origin(
        name,
        texts(lists["male"]),
        texts(lists["female"]),
        texts(family),
        texts([_feminine(word) for word in family]),
        np.array(weights),
    )


def _feminine(name: str) -> str:
    """Polish, Bulgarian and Lithuanian family names bend with the bearer's sex."""
    for masculine, feminine in words()["female_endings"]:
        if name.endswith(masculine):
            return str(name.removesuffix(masculine) + feminine)
    return name


def given_names(rng: np.random.Generator, pool: Texts, birth_years: Integers) -> Texts:
    """Names of the birth years' fashion: the pool runs from old to new."""
    fashion = (birth_years - 1930) / 85 * len(pool) + rng.normal(0, len(pool) / 5, len(birth_years))
    return pool[np.clip(fashion, 0, len(pool) - 1).astype(np.int64)]


def family_positions(rng: np.random.Generator, origin: Origin, size: int) -> Integers:
    return weighted(rng, origin.family_weights, size)


@lru_cache
def street_names() -> Texts:
    lists = words()
    composed = [stem + ending for stem in lists["street_stems"] for ending in lists["street_endings"]]
    return texts(lists["street_names"] + composed)


def draw_places(rng: np.random.Generator, size: int) -> Integers:
    return weighted(rng, table("places")["weight"].astype(float), size)


def counties() -> Integers:
    """County of every place: the first two digits of its kommune."""
    return texts([code[:2] for code in table("places")["municipality"]]).astype(np.int64)


def neighbouring_places(rng: np.random.Generator, places: Integers, stay: float) -> Integers:
    """Where one moves from there: mostly within the county, else anywhere."""
    county = counties()
    order = np.argsort(county, kind="stable")
    starts = np.searchsorted(county[order], county[places], side="left")
    ends = np.searchsorted(county[order], county[places], side="right")
    near = order[starts + (rng.random(len(places)) * (ends - starts)).astype(np.int64)]
    anywhere = draw_places(rng, len(places))
    stays: Booleans = rng.random(len(places)) < stay
    return np.where(stays, near, anywhere)
