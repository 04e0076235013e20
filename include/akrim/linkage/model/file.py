"""The trained model's files: a dated JSON file and, beside it, the term frequencies of names from its training.

A model file is never overwritten or edited: a new training makes a new name from its date and a digest of its content.
The newest model that comes with the code links, unless AKRIM_LINKAGE_MODEL names another; models trained by an
installation are stored under its home and are not used until that setting names them.
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
# The format of a model's name; names from settings, commands and pins become paths, so they are checked.
NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{6}")

MAX_PRIOR = 0.1


@dataclass(frozen=True)
class LinkageModel:
    """A trained model: its name, what it was trained on, Splink's settings, and the thresholds and guards with them."""

    name: str
    training: dict[str, Any]
    settings: dict[str, Any]
    thresholds: dict[str, float]
    guards: tuple[str, ...]

    def for_size(self, records: int) -> "LinkageModel":
        """The same model with its prior scaled to a table's size: a record has as many duplicates, among more or fewer records."""
        return self._with_growth(self._growth(records))

    def for_release(self, records: int) -> "LinkageModel":
        """The same model scaled to a release's size in whole doublings, so that weights rarely change between releases.

        A doubling subtracts one bit from every weight, which is the distance between `join` and `break`, so that it
        splits no existing person. With fewer records than in training, weights are unchanged.
        """
        return self._with_growth(2.0 ** max(0, round(math.log2(self._growth(records)))))

    def _growth(self, records: int) -> float:
        trained_on: int = self.training.get("records", max(records, 1))
        return max(records, 1) / trained_on

    def _with_growth(self, growth: float) -> "LinkageModel":
        prior = self.settings["probability_two_random_records_match"] / growth
        return replace(
            self, settings=self.settings | {"probability_two_random_records_match": min(prior, MAX_PRIOR)}
        )


def own_models() -> Path:
    """The folder of the models trained by this installation."""
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
    """The name of the model that links the next release: the setting's, else the newest that comes with the code."""
    return get_settings().linkage_model or newest_model()


def model_folder(name: str) -> Path:
    """A model's folder: the code's or the installation's.

    Raises UserError if there is no model of that name.
    """
    if not NAME.fullmatch(name):
        raise UserError(
            "This is not the name of a linkage model.",
            name,
            "Name one as `akrim link models` shows it, such as 2026-11-24-90c63c.",
        )
    for folder in (MODELS, own_models()):
        if (folder / f"{name}.json").is_file():
            return folder
    raise UserError(
        f"There is no linkage model {name}.", str(own_models()), "`akrim link models` shows those there are."
    )


def list_models() -> list[tuple[str, Path]]:
    """The name and folder of every available model."""
    return sorted((name, folder) for folder in (MODELS, own_models()) for name in _names_in(folder))


def read_model(name: str, folder: Path) -> LinkageModel:
    """A model from its file, without its frequencies."""
    content = json.loads((folder / f"{name}.json").read_text())
    return LinkageModel(
        name, content["training"], content["settings"], content["thresholds"], tuple(content["guards"])
    )


@tables(writes="frequencies_*")
def load_model(con: duckdb.DuckDBPyConnection, name: str | None = None) -> LinkageModel:
    """Read a model, and its frequencies into the connection; by default the newest that comes with the code."""
    name = name or newest_model()
    folder = model_folder(name)
    for column in RARITY_COLUMNS:
        con.execute(
            f"create or replace temp table frequencies_{column} as from read_csv(?, header = true, columns = ?)",
            [str(folder / f"{name}.{column}.csv"), {column: "VARCHAR", f"tf_{column}": "DOUBLE"}],
        )
    return read_model(name, folder)


@tables(reads="frequencies_*")
def save_model(con: duckdb.DuckDBPyConnection, model: LinkageModel, day: date, folder: Path) -> LinkageModel:
    """Write a new model to a folder; the same model on the same day has the same name."""
    # A linker's id is random by nature.
    weighted = {key: value for key, value in model.settings.items() if key != "linker_uid"}
    content = {
        "training": model.training,
        "thresholds": model.thresholds,
        "guards": model.guards,
        "settings": weighted,
    }
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    name = f"{day.isoformat()}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
    folder.mkdir(parents=True, exist_ok=True)
    for column in RARITY_COLUMNS:
        con.execute(
            f"copy (select {column}, round(tf_{column}, 7) as tf_{column} from frequencies_{column}"
            f" where people > 1 order by {column}) to ? (header)",
            [str(folder / f"{name}.{column}.csv")],
        )
    # The JSON file comes last, so that a full disk never leaves a model without its frequencies.
    write_whole(folder / f"{name}.json", f"{text}\n".encode())
    return replace(model, name=name)


def model_version(name: str | None = None) -> str:
    """The name and digest of a model, by default of the chosen one, as a release pins it."""
    name = name or chosen_model()
    digest = hashlib.sha256()
    for path in sorted(model_folder(name).glob(f"{name}.*")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{name}:{digest.hexdigest()[:16]}"
