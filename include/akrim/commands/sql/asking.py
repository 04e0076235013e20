"""One statement and its answer: numbers and booleans as such, arrays as lists, JSON and all else as PostgreSQL's text."""

import json
from typing import Any, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import TextLoader

from akrim.errors import UserError

NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric", "oid"}
DAYS = {"date", "timestamp", "timestamptz"}
LONGEST_LINE = 100


class Json(str):
    """JSON, in one line."""

    __slots__ = ()


class Answer(NamedTuple):
    """The columns' names and PostgreSQL's names of their types, and the rows."""

    names: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]


def ask(connection: psycopg.Connection, query: str, *, has_days: bool = False) -> Answer:
    """The answer to one statement.

    Args:
        has_days: dates and times as such, and not as text, in which they may be infinite.

    Raises UserError if it is several statements, is wrong, or the role lacks the right; it says where in the query.
    """
    for kind in psycopg.adapters.types:
        if kind.name in ("json", "jsonb"):
            connection.adapters.register_loader(kind.oid, _Json if kind.name == "jsonb" else _JsonAsWritten)
        elif kind.name not in NUMBERS | {"bool"} | (DAYS if has_days else set()):
            connection.adapters.register_loader(kind.oid, TextLoader)
    try:
        # A prepared text can only be one statement.
        cursor = connection.execute(query.encode(), prepare=True)
        columns = cursor.description or ()
        return Answer(
            [column.name for column in columns],
            [column.type_display for column in columns],
            cursor.fetchall() if columns else [],
        )
    except psycopg.Error as error:
        if (
            connection.info.transaction_status == TransactionStatus.ACTIVE
        ):  # a COPY, which the connection would wait for
            connection.close()
        raise _told(error, query) from None


class _Json(TextLoader):
    def load(self, data: Any) -> Any:
        return Json(super().load(data))


class _JsonAsWritten(TextLoader):
    """The type `json` keeps line breaks and double keys."""

    def load(self, data: Any) -> Any:
        return Json(json.dumps(json.loads(super().load(data)), ensure_ascii=False))


def _told(error: psycopg.Error, query: str) -> UserError:
    said = error.diag
    where = _place(query, int(said.statement_position)) if said.statement_position else "akrim sql"
    hints = [hint for hint in (said.message_detail, said.message_hint) if hint]
    if "multiple commands" in str(error):
        hints = ["Ask them one by one, or in the prompt: akrim sql"]
    if "COPY cannot be used" in str(error):
        return UserError(
            "COPY is for the prompt.", "akrim sql", "Ask with select, and --csv or --output FILE."
        )
    message = said.message_primary or str(error).strip().splitlines()[0]
    return UserError(message, where, " ".join(hints) or "Correct the query.")


def _place(query: str, position: int) -> str:
    """The line of the query with a mark below the place, which PostgreSQL counts from 1."""
    before = query[: position - 1]
    line = query.split("\n")[before.count("\n")].replace("\t", " ").rstrip("\r")
    column = len(before.rpartition("\n")[2])
    cut = max(0, column - LONGEST_LINE // 2)
    shown = f"line {before.count(chr(10)) + 1}: "
    return f"{shown}{line[cut : cut + LONGEST_LINE]}\n{' ' * (len('  where: ') + len(shown) + column - cut)}^"
