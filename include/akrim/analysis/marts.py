"""Marts as data frames, with the warehouse's types as Arrow's."""

import pandas as pd
import psycopg
from psycopg import sql

from akrim import warehouse
from akrim.errors import UserError

# PostgreSQL's types that Arrow has no counterpart of, and what their columns are read as.
READ_AS = {"numeric": "double precision", "jsonb": "text"}


def list_marts() -> dict[str, str]:
    """Every mart by name, with its description, whose first sentence says what one row is."""
    with warehouse.connect(warehouse.analyst_url()) as connection:
        return dict(
            connection.execute(
                "select relname, coalesce(obj_description(oid, 'pg_class'), '') from pg_class"
                " where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v')"
                " and has_table_privilege(oid, 'select') order by relname"
            ).fetchall()
        )


def list_releases() -> pd.DataFrame:
    """The releases in order, as far as the newest that is published: release_id, period and as_of.

    Superseded revisions are among them, since teams have decided on them; what was recalled or erased is not.
    """
    query = (
        "select release_id, period, as_of from marts.releases where status in ('published', 'superseded')"
        " and place <= (select place from marts.releases where is_newest) order by place"
    )
    found = warehouse.read_arrow(query, warehouse.analyst_url()).to_pandas(types_mapper=pd.ArrowDtype)
    return found.astype({"as_of": "datetime64[s]"})


def read_mart(mart: str, release: str = "") -> pd.DataFrame:
    """The rows of one mart in one release, in no order, with the warehouse's types as Arrow's.

    Numbers with decimals are read as floating point, and JSON as text, which `json.loads` reads.

    Args:
        mart: a name that `list_marts` gives, such as `assessments`.
        release: such as `2026-T1.1`; by default the newest that is published.

    Raises UserError where there is no such mart or release, naming those that there are.
    """
    address = warehouse.analyst_url()
    with warehouse.connect(address) as connection:
        columns = _columns(connection, mart)
        release_id = _release(connection, release)
    query = sql.SQL("select {} from {} where release_id = {}").format(
        columns, sql.Identifier("marts", mart), sql.Literal(release_id)
    )
    return warehouse.read_arrow(query, address).to_pandas(types_mapper=pd.ArrowDtype)


def _columns(connection: psycopg.Connection, mart: str) -> sql.Composable:
    found = connection.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = 'marts' and table_name = %s order by ordinal_position",
        [mart],
    ).fetchall()
    if not found:
        known = ", ".join(list_marts()) or "none yet: `akrim run` makes them"
        raise UserError(f"There is no mart {mart!r}.", "marts", f"There are: {known}")
    return sql.SQL(", ").join(
        sql.SQL("{}::{} as {}").format(sql.Identifier(name), sql.SQL(READ_AS[kind]), sql.Identifier(name))
        if kind in READ_AS
        else sql.Identifier(name)
        for name, kind in found
    )


def _release(connection: psycopg.Connection, release: str) -> str:
    """The release that is meant; one that was never published is none."""
    published = connection.execute(
        "select release_id, is_newest from marts.releases where published_at is not null order by published_at"
    ).fetchall()
    for release_id, is_newest in published:
        if release_id == release or (is_newest and not release):
            return str(release_id)
    known = ", ".join(release_id for release_id, _ in published) or "none yet: `akrim run` makes one"
    raise UserError(
        f"There is no published release {release!r}." if release else "No release is published.",
        "marts.releases",
        f"There are: {known}",
    )
