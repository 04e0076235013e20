"""The trained model as files: one dated JSON and, beside it, the names' frequencies frozen with it.

In goes a model name, out come Splink's settings and the tables `frequencies_<column>`. A model file is never
overwritten and never edited: a new training is a new name, made of its date and a digest of what it holds.

Which model links is a decision. It is the newest of those that come with the code, unless AKRIM_LINKAGE_MODEL names
another; what an installation trains lies under its home and links nothing until that setting names it.
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from akrim.atomic_files import write_whole
from akrim.errors import UserError
from akrim.linkage.engine import tables
from akrim.linkage.model.comparisons import RARITY_COLUMNS
from akrim.settings import get_settings

MODELS = Path(__file__).parents[1] / "models"
# As `save_model` names a model. Names become paths, and come from settings, commands and pins too.
NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{6}")

MOST_PROBABLE_PRIOR = 0.1


@dataclass(frozen=True)
class Model:
    """A trained model: its name, what it was trained on, Splink's settings, and the thresholds and guards with them."""

    name: str
    training: dict[str, Any]
    settings: dict[str, Any]
    thresholds: dict[str, float]
    guards: tuple[str, ...]

    def for_size(self, records: int) -> "Model":
        """The same model for a table of another size: a record has as many doubles there, but among more or fewer."""
        return self._with_growth(self._growth(records))

    def for_release(self, records: int) -> "Model":
        """The same model for a release of so many records, in whole doublings, so that weights stay as they are while
        records come and go. A doubling takes one bit off every weight, which is what lies between join and break: what
        stands is not undone by it. Fewer records than at training change nothing: weights never grow laxer."""
        return self._with_growth(2.0 ** max(0, round(math.log2(self._growth(records)))))

    def _growth(self, records: int) -> float:
        return max(records, 1) / self.training.get("records", max(records, 1))

    def _with_growth(self, growth: float) -> "Model":
        prior = self.settings["probability_two_random_records_match"] / growth
        return replace(
            self,
            settings=self.settings
            | {"probability_two_random_records_match": min(prior, MOST_PROBABLE_PRIOR)},
        )


def trained_here() -> Path:
    """Where this installation's own models lie."""
    return get_settings().home / "models"


def newest_model() -> str:
    """The name of the newest committed model; names begin with their date."""
    names = _names_in(MODELS)
    if not names:
        raise UserError("There is no trained linkage model.", str(MODELS), "Run `akrim link train`.")
    return names[-1]


def _names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json") if NAME.fullmatch(path.stem))


def chosen_model() -> str:
    """The model that the next release links with: the one that is set, else the newest that comes with the code."""
    return get_settings().linkage_model or newest_model()


def folder_of(name: str) -> Path:
    """Where a model lies: with the code, or among those trained here.

    Raises:
        UserError: it is no model's name, or no model has it.
    """
    if not NAME.fullmatch(name):
        raise UserError(
            "This is no name of a linkage model.",
            name,
            "Name one as `akrim link models` shows it, such as 2026-11-24-90c63c.",
        )
    for folder in (MODELS, trained_here()):
        if (folder / f"{name}.json").is_file():
            return folder
    raise UserError(
        f"There is no linkage model {name}.",
        str(trained_here()),
        "`akrim link models` shows those there are.",
    )


def list_models() -> list[tuple[str, Path]]:
    """Every model at hand by name, with its folder."""
    return sorted((name, folder) for folder in (MODELS, trained_here()) for name in _names_in(folder))


def read_model(name: str, folder: Path) -> Model:
    """A model as it stands in its file, without its frequencies."""
    held = json.loads((folder / f"{name}.json").read_text())
    return Model(name, held["training"], held["settings"], held["thresholds"], tuple(held["guards"]))


@tables(writes="frequencies_*")
def load_model(con: duckdb.DuckDBPyConnection, name: str | None = None) -> Model:
    """Read a model and put its name frequencies into the connection; the newest that comes with the code if none is named."""
    name = name or newest_model()
    folder = folder_of(name)
    for column in RARITY_COLUMNS:
        con.execute(
            f"create or replace temp table frequencies_{column} as from read_csv(?, header = true, columns = ?)",
            [str(folder / f"{name}.{column}.csv"), {column: "VARCHAR", f"tf_{column}": "DOUBLE"}],
        )
    return read_model(name, folder)


@tables(reads="frequencies_*")
def save_model(con: duckdb.DuckDBPyConnection, model: Model, day: date, folder: Path = MODELS) -> Model:
    """Write a new model beside the others; the same model on the same day has the same name."""
    weighted = {
        key: value for key, value in model.settings.items() if key != "linker_uid"
    }  # random by nature
    held = {
        "training": model.training,
        "thresholds": model.thresholds,
        "guards": model.guards,
        "settings": weighted,
    }
    text = json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False)
    name = f"{day.isoformat()}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
    folder.mkdir(parents=True, exist_ok=True)
    for column in RARITY_COLUMNS:
        con.execute(
            f"copy (select {column}, round(tf_{column}, 7) as tf_{column} from frequencies_{column}"  # noqa: S608  # columns that the model names
            f" where people > 1 order by {column}) to ? (header)",
            [str(folder / f"{name}.{column}.csv")],
        )
    # Last, since it is what makes a model one: a full disk leaves no model without its frequencies.
    write_whole(folder / f"{name}.json", f"{text}\n".encode())
    return replace(model, name=name)


def model_version(name: str | None = None) -> str:
    """The name of a model, or of the chosen one, and a digest of its files: what a release pins."""
    name = name or chosen_model()
    digest = hashlib.sha256()
    for path in sorted(folder_of(name).glob(f"{name}.*")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{name}:{digest.hexdigest()[:16]}"
