"""Whom an agency nominates: actors and their enterprises, for what they do, and now and then somebody honest, on poor grounds.

Each agency draws from a random stream of its own, when everything else is made: nothing else moves by it.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.cast import THREAT_ACTORS, Cast
from akrim.synthetic.world.randomness import Booleans, Chance, Integers, Texts, weighted
from akrim.synthetic.world.timeline import BEGIN, END

OBSERVED = np.array(
    ["svart_arbeid", "sosial_dumping", "utnyttelse_av_arbeidskraft", "fiktive_selvstendige", "fiktive_arbeidsforhold",
     "trygdebedrageri", "skatteunndragelse", "uriktig_dokumentasjon", "straaperson", "konkursgjenganger",
     "flytting_av_virksomhet", "hvitvasking"], dtype=object,
)  # fmt: skip
SOURCE_GRADES = np.array(["A", "B", "C", "X"], dtype=object)
INFORMATION_GRADES = np.array(["1", "2", "3", "4"], dtype=object)
TIMES_EACH = 3
WRONG_SHARE, FEWEST_WRONG = 0.02, 30
DAYS_VALID = (180, 600)


@dataclass
class Nominations:
    """In order of time; `record` is the agency's of a person, -1 where the enterprise is nominated, and the other way round."""

    record: Integers
    enterprise: Integers
    on: Integers
    until: Integers
    observed: Texts
    source_grade: Texts
    information_grade: Texts


def nominate(
    chance: Chance,
    agency: str,
    cast: Cast,
    businesses: tuple[Enterprises, Networks],
    records: tuple[Integers, Integers],
) -> Nominations:
    """The agency's nominations of all times.

    Args:
        records: whose each of the agency's records of persons is, and from which day on it has it.
    """
    rng = chance.stream(f"nominations of {agency}")
    enterprises, networks = businesses
    person, since = records
    known = np.flatnonzero(since < END)
    is_actor = np.isin(cast.kind[person[known]], (*THREAT_ACTORS, "straw_man"))
    of_persons = _drawn(rng, known[is_actor], known[~is_actor])
    stood = np.flatnonzero(enterprises.registered < END)
    of_network = np.isin(stood, networks.step_enterprise)
    of_enterprises = _drawn(rng, stood[of_network], stood[~of_network])
    record = np.concatenate([of_persons[0], np.full(len(of_enterprises[0]), -1)])
    enterprise = np.concatenate([np.full(len(of_persons[0]), -1), of_enterprises[0]])
    is_right = np.concatenate([of_persons[1], of_enterprises[1]])
    first = np.where(record >= 0, since[record], enterprises.registered[enterprise])
    last = np.where(record >= 0, END, np.minimum(enterprises.closed_on[enterprise], END))
    first = np.maximum(first, BEGIN)
    on = first + (rng.random(len(first)) * np.maximum(last - first, 1)).astype(np.int64)
    total = len(on)
    grades = [
        np.where(is_right, weighted(rng, right, total), weighted(rng, wrong, total))
        for right, wrong in (([30, 50, 5, 15], [2, 18, 30, 50]), ([20, 40, 30, 10], [2, 8, 20, 70]))
    ]
    order = np.argsort(on, kind="stable")
    return Nominations(
        record[order], enterprise[order], on[order], (on + rng.integers(*DAYS_VALID, total))[order],
        OBSERVED[rng.integers(0, len(OBSERVED), total)][order], SOURCE_GRADES[grades[0]][order],
        INFORMATION_GRADES[grades[1]][order],
    )  # fmt: skip


def _drawn(rng: np.random.Generator, actors: Integers, others: Integers) -> tuple[Integers, Booleans]:
    """Who is nominated, and whether rightly; the same one may be several times."""
    right = np.repeat(actors, TIMES_EACH)
    right = right[rng.random(len(right)) < 0.5]
    number = max(FEWEST_WRONG, int(len(right) * WRONG_SHARE)) if len(others) else 0
    wrong = others[rng.integers(0, len(others), number)] if number else others[:0]
    return np.concatenate([right, wrong]), np.arange(len(right) + number) < len(right)
