"""Reads what the national part of a release holds: numbers with small ones hidden, and what may be told of persons.

Whoever may be told of is chosen in SQL (models/marts/national), by the lines of the sharing matrix that the release was pinned with.
"""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from akrim import warehouse
from akrim.contracts import NATIONAL
from akrim.own_yaml import read_own
from akrim.settings import get_settings
from akrim.sharing.centre_rows import Mart
from akrim.sharing.centre_tables import Tables
from akrim.sharing.columns import Columns, SharedColumn
from akrim.sharing.national.figures import counts_told, efficacy_told, fairness_told, measures_told

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor  # it imports pandas, which most commands do without

Row = dict[str, Any]

AS_THEY_ARE = ("national_actors", "national_lists", "national_rules", "delivery_ages")
WHOLE = ("at_least", "at_most", "denominator", "share_pct", "months", "pointed_at", "days_old")
TRUE = ("is_on_several_lists", "is_without_centre", "is_missing", "is_stale")
KINDS = {pa.string(): "text", pa.bool_(): "boolean", pa.int64(): "bigint", pa.float64(): "double precision"}
FRACTIONS = ("ratio_to_all", "missed_links_pct", "wrong_links_pct", "low_pct", "high_pct", "looked_at_pct")


@lru_cache
def national_documents() -> dict[str, Row]:
    """national.yml: the tables of the national part with what they and their columns mean, and their keys."""
    found: dict[str, Row] = read_own(files("akrim.sharing").joinpath("national.yml"))
    return found


def national_marts() -> tuple[Mart, ...]:
    """The tables of the national part."""
    return tuple(
        Mart(name, "true", tuple(document["key"])) for name, document in national_documents().items()
    )


def national_columns(of_centres: Columns) -> Columns:
    """The columns of the tables that the national part alone has; of the others it has some of the centres'."""
    return {
        mart.name: [SharedColumn(field.name, "", KINDS[field.type]) for field in _schema(mart)]
        for mart in national_marts()
        if mart.name not in of_centres
    }


def read_national_tables(release_id: str) -> Tables:
    """Every table of the national part of the release, read in one transaction."""
    with warehouse.arrow_cursor() as cursor:
        counts = counts_told(_rows(cursor, release_id, "marts.national_counts"))
        found = {
            "national_counts": [
                {"scope": scope, "kind": kind, "code": code, **number._asdict()}
                for (scope, kind, code), number in counts.items()
            ],
            "national_measures": measures_told(
                _rows(cursor, release_id, "marts.situation_measures"),
                _rows(cursor, release_id, "marts.goal_indicators"),
                counts,
            ),
            "national_fairness": fairness_told(_rows(cursor, release_id, "oversight.disparities")),
            "national_efficacy": efficacy_told(_rows(cursor, release_id, "oversight.rule_efficacy")),
            "national_told": _rows(cursor, release_id, "meta.told_nationally"),
        } | {name: _rows(cursor, release_id, f"marts.{name}") for name in AS_THEY_ARE}
    return {mart.name: _table(mart, found[mart.name], release_id) for mart in national_marts()}


def sent_national_tables(release_id: str | None) -> Tables:
    """The tables of a release's national part as it was sent; from the marts where the files are not here, and none of no release."""
    if release_id is None:
        return {}
    data = get_settings().releases_path / release_id / NATIONAL / "data"
    if data.is_dir():
        return {mart.name: pq.read_table(data / f"{mart.name}.parquet") for mart in national_marts()}
    return read_national_tables(release_id)


def _rows(cursor: "Cursor", release_id: str, table: str) -> list[Row]:
    """The release's rows; none where the table does not exist."""
    cursor.execute(
        sql.SQL("select to_regclass({}) is not null as is_there").format(sql.Literal(table)).as_string()
    )
    if not cursor.fetch_arrow_table()["is_there"][0].as_py():
        return []
    query = sql.SQL("select * from {} where release_id = {}").format(
        sql.Identifier(*table.split(".")), sql.Literal(release_id)
    )
    cursor.execute(query.as_string())
    rows: list[Row] = cursor.fetch_arrow_table().to_pylist()
    return rows


def _table(mart: Mart, rows: Iterable[Row], release_id: str) -> pa.Table:
    """The rows with the columns that national.yml names and no other, by key."""
    schema = _schema(mart)
    named = [{field.name: ({"release_id": release_id} | row)[field.name] for field in schema} for row in rows]
    named.sort(key=lambda row: [row[name] for name in mart.key])
    return pa.Table.from_pylist([_plain(row) for row in named], schema)


def _schema(mart: Mart) -> pa.Schema:
    return pa.schema([(name, _kind(name, mart)) for name in national_documents()[mart.name]["columns"]])


def _plain(row: Row) -> Row:
    return {
        name: float(value) if name.endswith("_pct") and value is not None else value
        for name, value in row.items()
    }


def _kind(name: str, mart: Mart) -> pa.DataType:
    if name in TRUE:
        return pa.bool_()
    if name in FRACTIONS or (name == "share_pct" and mart.name == "national_efficacy"):
        return pa.float64()
    return pa.int64() if name in WHOLE else pa.string()
