"""Where persons last: linkage.* in PostgreSQL, read into DuckDB before a run and changed by what differs after it.

A membership is valid from the release that made it until the release that changed it. A run starts from its base
release: what later runs did, none of them published, is taken back first, so that a failed or killed run is simply
done again. Only rows that differ are written, in one transaction.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
from psycopg.rows import class_row

from akrim import warehouse
from akrim.errors import UserError
from akrim.linkage.standardise import RECORD_COLUMNS

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi as adbc

RUN_LOCK = "akrim.linkage"


@dataclass(frozen=True)
class Run:
    """A run that stands: its model, the token that names it alone, and its counts."""

    model: str
    token: str
    counts: dict[str, Any]


RECORDS = f"(select {', '.join(RECORD_COLUMNS)} from intermediate.person_records) as r"
# Of all that linkage reads of a record, its key included; PostgreSQL's own, so that what did not change is not read.
DIGEST = "hash_record_extended(r, 0)"

# Where a record is gone, the person it last belonged to still has a claim on it, should it come back.
_STANDING = """
with now as (select * from linkage.memberships where {stands})
select source, extract, source_record_id, content_digest, person_id, link_kind, match_weight, same_number_as,
    has_borrowed_number, true as stands
from now
union all
select * from (
    select distinct on (m.source, m.source_record_id) m.source, m.extract, m.source_record_id, m.content_digest,
        {resolved}, m.link_kind, m.match_weight, m.same_number_as, m.has_borrowed_number,
        false as stands
    from linkage.memberships m join linkage.runs r on r.release_id = m.valid_to_release {earlier}
    where not exists (
        select 1 from now where (now.source, now.source_record_id) = (m.source, m.source_record_id))
    order by m.source, m.source_record_id, r.run_number desc
) gone
"""
STANDING = _STANDING.format(
    stands="valid_to_release is null", resolved="linkage.resolve(m.person_id)", earlier=""
)
# The same as the newest run found it.
STOOD_BEFORE = (
    "valid_from_release <> '{release}' and (valid_to_release is null or valid_to_release = '{release}')"
)
STANDING_BEFORE = _STANDING.format(
    stands=STOOD_BEFORE,
    resolved="linkage.resolve_without(m.person_id, '{release}')",
    earlier="and r.release_id <> '{release}'",
)

# A later verdict on the same two records wins; a second reading is held against the first and moves nothing.
DECISIONS = """
select distinct on (source_l, source_record_id_l, source_r, source_record_id_r)
    source_l || '/' || source_record_id_l as record_key_l, source_r || '/' || source_record_id_r as record_key_r, verdict,
    decision_id, match_weight
from linkage.link_decisions where reading = 'first' {decided}
order by source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc
"""
# Whoever is parked, with whom it fits: that can change though none of them does, so it is looked at again each time.
PARKED_RECORDS = """
select source_l || '/' || source_record_id_l as record_key from linkage.findings where outcome like 'parked%' and {stands}
union select source_r || '/' || source_record_id_r from linkage.findings where outcome like 'parked%' and {stands}
"""
LAST_RUN = """
select r.release_id, r.base_release_id, r.model, exists (select 1 from meta.workbench w where w.release_id = r.release_id)
from linkage.runs r order by r.run_number desc limit 1
"""

PERSONS = """
select p.person_id, r.run_number as age from linkage.persons p join linkage.runs r using (release_id)
"""


@contextmanager
def open_store() -> Iterator[psycopg.Connection]:
    """A connection that alone may change linkage.*, with its tables laid."""
    with warehouse.connect() as connection:
        connection.execute("select pg_advisory_lock(hashtext(%s))", [RUN_LOCK])
        connection.execute(files("akrim.linkage").joinpath("tables.sql").read_text())
        connection.commit()
        yield connection


def rewind(connection: psycopg.Connection, release_id: str, base_release_id: str | None) -> None:
    """Put linkage.* back to where the base release left it."""
    later = connection.execute(LATER_RUNS, {"base": base_release_id, "release": release_id}).fetchall()
    blocking = [row[0] for row in later if row[1]]
    if blocking:
        raise UserError(
            f"Release {blocking[0]} was published on persons linked after {base_release_id or 'the start'}.",
            release_id,
            "Assess again from the newest published release.",
        )
    for released, _ in reversed(later):
        for statement in TAKE_BACK:
            connection.execute(statement, [released])


# The runs after the base's, and whether each may no longer be taken back.
LATER_RUNS = """
select r.release_id,
    r.release_id <> %(release)s and coalesce(m.status in ('published', 'superseded', 'recalled'), false)
from linkage.runs r left join meta.releases m using (release_id)
where r.run_number > coalesce((select run_number from linkage.runs where release_id = %(base)s), 0)
order by r.run_number
"""

TAKE_BACK = (
    "delete from linkage.quality where release_id = %s",
    "delete from linkage.drift where release_id = %s",
    "delete from linkage.memberships where valid_from_release = %s",
    "update linkage.memberships set valid_to_release = null where valid_to_release = %s",
    "delete from linkage.findings where valid_from_release = %s",
    "update linkage.findings set valid_to_release = null where valid_to_release = %s",
    "delete from linkage.person_id_history where release_id = %s",
    "delete from linkage.persons where release_id = %s",
    "delete from linkage.runs where release_id = %s",
)


def load(con: duckdb.DuckDBPyConnection, as_before: str | None = None) -> None:
    """Read the person records and the standing persons into DuckDB; `as_before` a release, as its run found them."""
    load_records(con)
    if as_before:
        decided = (
            f"and decision_id <= (select last_decision_id from linkage.runs where release_id = '{as_before}')"
        )
        load_standing(con, STANDING_BEFORE.format(release=as_before))
        _read(con, "persons", f"{PERSONS} where p.release_id <> '{as_before}'")
        _read(con, "decisions", DECISIONS.format(decided=decided))
        _read(con, "parked_records", PARKED_RECORDS.format(stands=STOOD_BEFORE.format(release=as_before)))
    else:
        load_standing(con)
        _read(con, "persons", PERSONS)
        load_doubtful(con)
    _read(con, "standing_findings", STANDING_FINDINGS)
    con.execute(
        "create or replace temp table standing as"
        " select source || '/' || source_record_id as record_key, person_id from standing_rows"
    )


def load_standing(con: duckdb.DuckDBPyConnection, query: str = "") -> None:
    """Read the memberships that stand."""
    _read(con, "standing_rows", query or STANDING)


def load_records(con: duckdb.DuckDBPyConnection, digests: list[int] | None = None) -> None:
    """Read the staged person records into DuckDB, or those of these digests."""
    which = "" if digests is None else f"where {DIGEST} = any('{{{','.join(map(str, digests))}}}'::bigint[])"
    _read(con, "records", f"select r.*, {DIGEST} as digest from {RECORDS} {which}")


def load_digests(con: duckdb.DuckDBPyConnection) -> None:
    """Read the digest of every staged person record, and nothing else of it."""
    _read(con, "digests", f"select {DIGEST} as digest from {RECORDS}")


def load_doubtful(con: duckdb.DuckDBPyConnection) -> None:
    """Read what clerks have decided, and who is parked: what is looked at again each time."""
    _read(con, "decisions", DECISIONS.format(decided=""))
    _read(con, "parked_records", PARKED_RECORDS.format(stands="valid_to_release is null"))


def load_persons(con: duckdb.DuckDBPyConnection) -> None:
    """Read every person id ever given."""
    _read(con, "persons", PERSONS)


def load_findings_of(con: duckdb.DuckDBPyConnection, keys: str) -> None:
    """Read the findings that stand on any of these records (source, source_record_id)."""
    with warehouse.arrow_cursor() as cursor:
        cursor.adbc_ingest("looked_at", con.sql(keys).to_arrow_table(), mode="create", temporary=True)
        cursor.execute(FINDINGS_OF)
        _take(con, "standing_findings", cursor)


def run_of(connection: psycopg.Connection, release_id: str | None) -> Run | None:
    """A release's own run; none where it was not linked here."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(
            "select model, token::text, counts from linkage.runs where release_id = %s", [release_id]
        ).fetchone()


def profile_of(connection: psycopg.Connection, release_id: str) -> dict[str, dict[str, float]]:
    """The distributions that a release's records showed, by measure."""
    shown: dict[str, dict[str, float]] = defaultdict(dict)
    for measure, item, actual in connection.execute(
        "select measure, item, actual from linkage.drift where release_id = %s and actual is not null order by 1, 2",
        [release_id],
    ):
        shown[measure][item] = actual
    return dict(shown)


def _read(con: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    with warehouse.arrow_cursor() as cursor:
        cursor.execute(query)
        _take(con, table, cursor)


def _take(con: duckdb.DuckDBPyConnection, table: str, cursor: "adbc.Cursor") -> None:
    """Lay what the cursor brings into a table, batch by batch, so that nothing is held twice."""
    con.register("arriving", cursor.fetch_record_batch())
    con.execute(f"create or replace temp table {table} as select * from arriving")
    con.unregister("arriving")


def save(connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, release_id: str) -> None:
    """Close what changed, open what is new, add new ids and their history."""
    for table, keys in (("memberships", RECORD_KEYS), ("findings", PAIR_KEYS)):
        _close(connection, con, table, keys, release_id)
    for target, query in OPENED.items():
        _copy(connection, target, con.execute(query, [release_id]).fetchall())
    connection.execute(
        "insert into linkage.person_ids select person_id from linkage.persons where release_id = %s"
        " on conflict do nothing",
        [release_id],
    )


RECORD_KEYS = ("source", "source_record_id")
PAIR_KEYS = ("source_l", "source_record_id_l", "source_r", "source_record_id_r")
MEMBERSHIP_COLUMNS = (
    "source", "extract", "source_record_id", "content_digest", "person_id", "link_kind", "match_weight",
    "same_number_as",
    "has_borrowed_number",
)  # fmt: skip
FINDING_COLUMNS = (
    *PAIR_KEYS, "outcome", "guard", "match_weight", "threshold", "verdict", "verdict_weight", "steps",
)  # fmt: skip
# Without the steps, by far the most of it: they decide nothing that the weight does not tell.
STANDING_FINDINGS = (
    f"select {', '.join(FINDING_COLUMNS[:-1])} from linkage.findings where valid_to_release is null"
)
FINDINGS_OF = " union ".join(
    f"select {', '.join(f'f.{column}' for column in FINDING_COLUMNS[:-1])} from looked_at k join linkage.findings f"
    f" on (f.source_{side}, f.source_record_id_{side}) = (k.source, k.source_record_id) and f.valid_to_release is null"
    for side in ("l", "r")
)

# Where each kind of new row goes, and what it is; the release is the last column of all.
OPENED = {
    f"linkage.memberships ({', '.join(MEMBERSHIP_COLUMNS)}, valid_from_release)": (
        f"select {', '.join(MEMBERSHIP_COLUMNS)}, ? as release_id from opening order by source, source_record_id"
    ),
    f"linkage.findings ({', '.join(FINDING_COLUMNS)}, valid_from_release)": (
        f"select {', '.join(FINDING_COLUMNS)}, ? as release_id from opening_findings order by all"
    ),
    "linkage.persons (person_id, first_record_key, release_id)": (
        "select a.person_id, min(m.record_key), ? as release_id from assigned a join membership m using (cluster_id)"
        " where a.is_new group by a.person_id order by a.person_id"
    ),
    "linkage.person_id_history (old_person_id, person_id, change, release_id)": (
        "select old_person_id, person_id, change, ? as release_id from id_changes order by all"
    ),
    "linkage.quality (measure, subgroup, estimate, low, high, support, note, release_id)": (
        "select *, ? as release_id from figures order by measure, subgroup"
    ),
    "linkage.drift (measure, item, expected, actual, drift, note, release_id)": (
        "select *, ? as release_id from drifts order by measure, item"
    ),
}


def record_run(
    connection: psycopg.Connection,
    release_id: str,
    base_release_id: str | None,
    model: str,
    counts: dict[str, Any],
) -> str:
    """Note that this release's persons are linked, in counts only; returns the token that names the run."""
    row = connection.execute(
        "insert into linkage.runs (release_id, base_release_id, model, counts, last_decision_id) values (%s, %s, %s, %s,"
        " (select coalesce(max(decision_id), 0) from linkage.link_decisions)) returning token::text",
        [release_id, base_release_id, model, json.dumps(counts, sort_keys=True)],
    ).fetchone()
    return str(row[0]) if row else ""


def _close(
    connection: psycopg.Connection,
    con: duckdb.DuckDBPyConnection,
    table: str,
    keys: tuple[str, ...],
    release_id: str,
) -> None:
    columns = ", ".join(keys)
    held = con.execute(f"select {columns} from closing_{table} order by all").fetchall()
    declared = ", ".join(f"{key} text" for key in keys)
    connection.execute(f"create temp table closing ({declared}) on commit drop")
    _copy(connection, "closing", held)
    connection.execute(
        f"update linkage.{table} t set valid_to_release = %s from closing c where t.valid_to_release is null"
        f" and ({', '.join(f't.{key}' for key in keys)}) = ({', '.join(f'c.{key}' for key in keys)})",
        [release_id],
    )
    connection.execute("drop table closing")


def _copy(connection: psycopg.Connection, target: str, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)
