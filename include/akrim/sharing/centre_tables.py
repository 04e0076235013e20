"""Reads the rows of a release that a centre may see, as Arrow tables.

What the sharing matrix withholds from the centre is left out: a column that carries any of it (seeds.data_origins) is empty,
and a row whose key does is not there. Rows are sorted by key in binary order, so that the same rows give the same bytes on any
server.
"""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from akrim import warehouse
from akrim.contracts import all_extracts
from akrim.deltas import as_texts
from akrim.settings import get_settings
from akrim.sharing.centre_rows import (
    CENTRE_SCOPE,
    MARTS,
    OF_CENTRES_FRONTS,
    OF_CENTRES_OBSERVATIONS,
    OF_CENTRES_OFFENCES,
    OF_CENTRES_PERSONS,
    TOLD_ROWS,
    Mart,
)
from akrim.sharing.columns import Columns, SharedColumn

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor  # it imports pandas, which most commands do without

Tables = dict[str, pa.Table]

CLOSED = """
select distinct split_part(subject, '.', 1) as mart, split_part(subject, '.', 2) as name
from seeds.data_origins where (agency, category) in (select agency, category from centre_withheld)
"""


def read_tables(release_id: str, centre_id: str, columns: Columns) -> Tables:
    """Every table of the release as the centre gets it, read in one transaction."""
    names: dict[str, sql.Composable] = {
        "release_id": sql.Literal(release_id),
        "centre_id": sql.Literal(centre_id),
        "of_centres_persons": sql.SQL(OF_CENTRES_PERSONS),
        "of_centres_observations": sql.SQL(OF_CENTRES_OBSERVATIONS),
        "of_centres_offences": sql.SQL(OF_CENTRES_OFFENCES),
        "of_centres_fronts": sql.SQL(OF_CENTRES_FRONTS),
        "extracts": sql.SQL(", ").join(
            sql.SQL("({}, {}, {})").format(extract.agency, extract.name, extract.category)
            for extract in all_extracts()
        ),
        "keys": sql.SQL(", ").join(
            sql.SQL("({}, {})").format(mart.name, name) for mart in MARTS for name in mart.required
        ),
    }
    names |= {
        f"told_{mart.name}": sql.SQL(TOLD_ROWS).format(release_id=names["release_id"], mart=mart.name)
        for mart in MARTS
    }
    with warehouse.arrow_cursor() as cursor:
        for statement in CENTRE_SCOPE:
            cursor.execute(sql.SQL(statement).format(**names).as_string())
        cursor.execute(
            "analyze centre_named, centre_persons, centre_enterprises, centre_evidence, centre_cases"
        )
        cursor.execute(CLOSED)
        closed = {(row["mart"], row["name"]) for row in cursor.fetch_arrow_table().to_pylist()}
        return {
            mart.name: _read(
                cursor, mart, columns[mart.name], {n for m, n in closed if m == mart.name}, names
            )
            for mart in MARTS
        }


def sent_tables(release_id: str | None, centre_id: str, columns: Columns) -> Tables:
    """The tables of a release as sent to the centre; from the marts where the files are not here, and none of no release."""
    if release_id is None:
        return {}
    data = get_settings().releases_path / release_id / centre_id / "data"
    if data.is_dir():
        return {path.stem: as_texts(pq.read_table(path)) for path in sorted(data.glob("*.parquet"))}
    return read_tables(release_id, centre_id, columns)


def _read(
    cursor: "Cursor",
    mart: Mart,
    columns: list[SharedColumn],
    closed: set[str],
    names: dict[str, sql.Composable],
) -> pa.Table:
    chosen = sql.SQL(", ").join(
        sql.SQL(f"null::{column.kind} as {{0}}" if column.name in closed else column.sql + " as {0}").format(
            sql.Identifier(column.name)
        )
        for column in columns
    )
    query = sql.SQL("select {} {} from {} where release_id = {} and ({})").format(
        # Rows that differ in what is withheld alone would tell how many there are.
        sql.SQL("distinct" if closed else ""),
        chosen,
        sql.Identifier("marts", mart.name),
        names["release_id"],
        sql.SQL("false" if closed & set(mart.required) else mart.row_filter).format(**names),
    )
    cursor.execute(query.as_string())
    rows = cursor.fetch_arrow_table()
    return rows.sort_by([(name, "ascending") for name in mart.key]).combine_chunks()
