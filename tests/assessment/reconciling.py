"""Holds each mart of a release against what was delivered, by the queries of reconciliation.yml, which no model shares."""

from collections import Counter
from pathlib import Path

import psycopg
import yaml
from akrim.contracts import load_contracts
from psycopg import sql

QUERIES: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("reconciliation.yml").read_text(encoding="utf-8")
)
OF_RELEASE = """
create temp view release as select {release}::text;
create temp view cut_off as select as_of as day from meta.releases where release_id = {release};
create temp view linked as select source, source_record_id as key, person_id from linkage.person_records
"""
STATE = "create temp view {name} as select * from state.{name}(meta.pinned({agency}, {release}), {release}, {release})"
ROWS = "select {agency} as agency, {extract} as extract, {key} as key from {name}"
MART = "create temp view {mart} as select * from marts.{mart} where release_id = {release}"


def lay_views(connection: psycopg.Connection, release_id: str) -> None:
    """Temporary views that the queries read: each extract's rows and each mart, of that release."""
    release = sql.Literal(release_id)
    connection.execute(sql.SQL(OF_RELEASE).format(release=release))
    rows = []
    for agency, contract in load_contracts().items():
        for extract in contract.extracts:
            names = {
                "name": sql.Identifier(extract.table), "agency": sql.Literal(agency), "extract": sql.Literal(extract.name),
                "key": sql.Identifier(extract.key.name), "release": release,
            }  # fmt: skip
            connection.execute(sql.SQL(STATE).format(**names))
            rows.append(sql.SQL(ROWS).format(**names))
    delivered = sql.SQL(" union all ").join(rows)
    connection.execute(sql.SQL("create temp view delivered_rows as {}").format(delivered))
    for mart in QUERIES:
        connection.execute(sql.SQL(MART).format(mart=sql.Identifier(mart), release=release))


def mismatch(connection: psycopg.Connection, mart: str) -> str:
    """What of a mart is not as delivered, or nothing; `lay_views` comes first."""
    found, expected = (
        Counter(connection.execute(QUERIES[mart][side].encode()).fetchall()) for side in ("mart", "delivered")
    )
    only = [sorted(map(str, rows))[:5] for rows in (found - expected, expected - found)]
    return f"{mart} has {only[0]}, delivered was {only[1]}" if any(only) else ""
