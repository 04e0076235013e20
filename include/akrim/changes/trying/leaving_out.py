"""A release as if some agencies had delivered nothing: no row of theirs, and no link that rests on their records.

The models of a release read agencies' rows by what it has pinned; here it has pinned nothing of them, so that their rules
cannot be checked, as where nothing has come. The records that remain are linked anew.
"""

import re
from collections.abc import Iterable, Sequence

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from akrim.changes.assessing import PARTITION, Built, Models, quoted, reassess
from akrim.changes.counterfactual import SCHEMA, create_table
from akrim.contracts import DECISIONS_SENDER, load_contracts
from akrim.errors import UserError

RECORDS = "intermediate.person_records"
ACCEPTED_PAIRS = "linkage.accepted_pairs"
PINS = {
    "release_deliveries": """
        select * from meta.release_deliveries where release_id = %(release)s and agency <> all(%(agencies)s)""",
    "release_extracts": """
        select * from meta.release_extracts where release_id = %(release)s and agency <> all(%(agencies)s)""",
}
NO_ROWS = "select * from {relation} limit 0"


def check_agencies(agencies: Iterable[str]) -> None:
    """Raises UserError where one is no agency that delivers."""
    known = sorted(load_contracts().keys() - {DECISIONS_SENDER})
    if unknown := sorted(set(agencies) - set(known)):
        raise UserError(f"No agency {unknown[0]} delivers.", "--without", f"One of: {', '.join(known)}.")


def leave_out(
    connection: psycopg.Connection,
    release_id: str,
    agencies: Sequence[str],
    models: Models,
    built: Built,
    suffix: str,
) -> tuple[Models, dict[str, str]]:
    """The models that read nothing of these agencies, and the tables that stand in for others with what remains.

    Args:
        models: the models to assess with, filled in.
        built: what the release is with all agencies.
        suffix: what the new tables' names end in.
    """
    for name, query in PINS.items():
        create_table(connection, name, query, {"release": release_id, "agencies": list(agencies)})
    remaining = {relation: _reading_nothing(text, agencies) for relation, text in models.items()}
    names = reassess(connection, remaining, built, {}, suffix, [RECORDS])
    laid = {relation: name for relation, name in names.items() if name != built.names.get(relation)}
    return remaining, laid | _link(connection, release_id, names[RECORDS], suffix)


def _reading_nothing(text: str, agencies: Iterable[str]) -> str:
    names = "|".join(map(re.escape, agencies))
    text = re.sub(rf"meta\.pinned\('(?:{names})',[^()]*\)", "'{}'::text[]", text)
    return re.sub(rf"\bmeta\.({'|'.join(PINS)})\b", rf"{SCHEMA}.\1", text)


def _link(connection: psycopg.Connection, release_id: str, records: str, suffix: str) -> dict[str, str]:
    """Lay who is who among these records; by relation, the tables' names."""
    from akrim.linkage.runs import relink  # loads Splink

    laid = {}
    found = relink(release_id, _read(connection, records))
    for relation, rows in ((PARTITION, found.person_records), (ACCEPTED_PAIRS, found.accepted_pairs)):
        name = relation.replace(".", "_") + suffix
        create_table(connection, name, NO_ROWS.format(relation=relation))
        table = sql.Identifier(SCHEMA, name)
        with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(sql.SQL("analyze {}").format(table))
        laid[relation] = quoted(name)
    return laid


def _read(connection: psycopg.Connection, table: str) -> pa.Table:
    """The rows as text, through this connection: no other sees the table."""
    with connection.cursor().copy(f"copy {table} to stdout (format csv, header)".encode()) as copy:
        content = b"".join(copy)
    names = content.partition(b"\n")[0].decode().split(",")
    texts = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    lines = csv.ParseOptions(newlines_in_values=True)
    return csv.read_csv(pa.BufferReader(content), parse_options=lines, convert_options=texts)
