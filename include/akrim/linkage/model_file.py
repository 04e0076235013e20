"""The trained model as files: one dated JSON and, beside it, the names' frequencies frozen with it.

In goes a model name, out come Splink's settings and the tables `frequencies_<column>`. A model file is never
overwritten and never edited: a new training is a new name, made of its date and a digest of what it holds.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from akrim.errors import UserError
from akrim.linkage.model import RARITY_COLUMNS

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True)
class Model:
    """A trained model: its name, what it was trained on, Splink's settings, and the thresholds and guards with them."""

    name: str
    training: dict[str, Any]
    settings: dict[str, Any]
    thresholds: dict[str, float]
    guards: tuple[str, ...]


def newest_model(folder: Path = MODELS) -> str:
    """The name of the newest committed model; names begin with their date."""
    names = sorted(path.stem for path in folder.glob("*.json"))
    if not names:
        raise UserError("There is no trained linkage model.", str(folder), "Run `akrim link train`.")
    return names[-1]


def load_model(con: duckdb.DuckDBPyConnection, name: str | None = None, folder: Path = MODELS) -> Model:
    """Read a model and put its name frequencies into the connection."""
    name = name or newest_model(folder)
    path = folder / f"{name}.json"
    if not path.is_file():
        raise UserError(f"There is no linkage model {name}.", str(folder), "Name one that is there.")
    for column in RARITY_COLUMNS:
        con.execute(
            f"create or replace temp table frequencies_{column} as select * from"
            f" read_csv('{folder / f'{name}.{column}.csv'}', header = true,"
            f" columns = {{'{column}': 'VARCHAR', 'tf_{column}': 'DOUBLE'}})"
        )
    held = json.loads(path.read_text())
    return Model(name, held["training"], held["settings"], held["thresholds"], tuple(held["guards"]))


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
    (folder / f"{name}.json").write_text(text + "\n")
    for column in RARITY_COLUMNS:
        con.execute(
            f"copy (select {column}, round(tf_{column}, 7) as tf_{column} from frequencies_{column}"
            f" where people > 1 order by {column}) to '{folder / f'{name}.{column}.csv'}' (header)"
        )
    return replace(model, name=name)


@lru_cache
def model_version(name: str | None = None, folder: Path = MODELS) -> str:
    """The model's name and a digest of its files: what a release pins."""
    name = name or newest_model(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.glob(f"{name}.*")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{name}:{digest.hexdigest()[:16]}"
