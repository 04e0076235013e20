"""Names and meanings of tables and columns: descriptions from dbt, titles from the texts.

Read once per release.
"""

from dataclasses import dataclass

from akrim.rules import mart_documents
from akrim.sharing.national import national_documents
from akrim.texts import Language, texts


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
        return texts(language, "columns").get(column) or column.replace("_", " ")


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


def national_vocabulary() -> Vocabulary:
    """The vocabulary of the national part's tables."""
    documents = national_documents()
    return Vocabulary(
        tables={name: document["description"] for name, document in documents.items()},
        columns={
            (name, column): meaning
            for name, document in documents.items()
            for column, meaning in document["columns"].items()
        },
    )
