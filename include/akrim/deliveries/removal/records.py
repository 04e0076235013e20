"""Delivered records, each named by its agency, extract and key, and what landing has of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from akrim.contracts import Column, Extract

Record = tuple[str, str, str]
# A record whose key is somebody else's by now: agency, extract, key, the deliveries in which it was the person's, and until when.
Before = tuple[str, str, str, Sequence[str], datetime]
# Rows, each by its key and delivery, by agency and extract.
Lying = dict[tuple[str, str], set[tuple[str, str]]]


def by_extract(records: Iterable[Record]) -> dict[tuple[str, str], list[str]]:
    """The records' keys, by agency and extract."""
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for agency, extract, key in records:
        keys[agency, extract].append(key)
    return dict(keys)


def read_landed(
    connection: psycopg.Connection,
    extract: Extract,
    columns: Iterable[str],
    by: Column,
    values: Iterable[str],
) -> list[tuple[Any, ...]]:
    """What these columns of landing hold, each combination once, where the column `by` has one of the values."""
    query = sql.SQL("select distinct {} from {} where {} = any(%s)").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier("landing", extract.table),
        sql.Identifier(by.name),
    )
    return connection.execute(query, [list(values)]).fetchall()
