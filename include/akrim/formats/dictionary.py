"""Names and meanings of tables and columns: descriptions from dbt, titles in two languages.

Read once per release.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from akrim.report import Language
from akrim.rules import mart_documents


@dataclass(frozen=True)
class Vocabulary:
    """Descriptions of the marts and of their columns."""

    tables: dict[str, str]
    columns: dict[tuple[str, str], str]

    def table(self, name: str) -> str:
        return self.tables.get(name, "")

    def column(self, table: str, name: str) -> str:
        return self.columns.get((table, name), "")

    def title(self, column: str, language: Language) -> str:
        """The column's title; one without a title keeps its name."""
        return _titles().get(column, {}).get(language) or column.replace("_", " ")


def read_vocabulary() -> Vocabulary:
    """The vocabulary of every mart that dbt describes."""
    documents = mart_documents()
    return Vocabulary(
        tables={name: " ".join(model["description"].split()) for name, model in documents.items()},
        columns={
            (name, column["name"]): " ".join(column.get("description", "").split())
            for name, model in documents.items()
            for column in model.get("columns", [])
        },
    )


@lru_cache
def _titles() -> dict[str, dict[Language, str]]:
    titles: dict[str, dict[Language, str]] = yaml.safe_load(
        files("akrim.formats").joinpath("column_titles.yml").read_text("utf-8")
    )
    return titles
