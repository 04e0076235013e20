"""The columns that may be shared (columns.yml), each with the SQL of its shared value."""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from akrim import warehouse
from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.sharing.masks import MASKS

# Casts of types that not every reader of the files supports, and the types that they make.
CASTS = {
    "numeric": ("{0}::double precision", "double precision"),
    "jsonb": ("{0}::text", "text"),
    "ARRAY": ("array_to_string({0}, ',')", "text"),
}


class SharedColumn(NamedTuple):
    """A column that may be shared, the SQL of its shared value, and the database's type of that."""

    name: str
    sql: str
    kind: str


Columns = dict[str, list[SharedColumn]]


def shared_columns() -> Columns:
    """The columns that may be shared, by mart, in the files' order.

    Raises UserError where the marts lack a listed one, so that no renamed column loses its mask unnoticed.
    """
    kinds = _kinds()
    return {
        mart: [_shared_column(mart, name, mask, kinds) for name, mask in listed.items()]
        for mart, listed in allowed_columns().items()
    }


@lru_cache
def allowed_columns() -> dict[str, dict[str, str | None]]:
    """columns.yml: by mart, each column that may be shared, with its mask."""
    listed = read_own(files("akrim.sharing").joinpath("columns.yml"))
    return {
        mart: dict(kv for column in columns for kv in _column_and_mask(column))
        for mart, columns in listed.items()
    }


def _column_and_mask(listed: str | dict[str, str]) -> Iterable[tuple[str, str | None]]:
    return [(listed, None)] if isinstance(listed, str) else listed.items()


def _kinds() -> dict[tuple[str, str], str]:
    """The database type of every column of the marts, as dbt built them."""
    found = warehouse.read_arrow(
        "select table_name::text, column_name::text, data_type::text from information_schema.columns"
        " where table_schema = 'marts'"
    )
    return {(row["table_name"], row["column_name"]): row["data_type"] for row in found.to_pylist()}


def _shared_column(mart: str, name: str, mask: str | None, kinds: dict[tuple[str, str], str]) -> SharedColumn:
    if (mart, name) not in kinds:
        raise UserError(
            f"The column {mart}.{name} may leave, but the marts have none of that name.",
            "include/akrim/sharing/columns.yml",
            "Rename it there as in the mart, with its mask, or take it from the list.",
        )
    shown = f"({MASKS[mask]})" if mask else "{0}"
    kind = kinds[mart, name]
    if kind not in CASTS:
        return SharedColumn(name, shown, kind)
    cast, cast_kind = CASTS[kind]
    return SharedColumn(name, cast.replace("{0}", shown), cast_kind)
