"""Reads linkage.* from PostgreSQL into DuckDB before a run; saving.py writes it back.

A membership is valid from the release that made it until the release that changed it. Runs after the base release, none
of them published, are undone first, so that a failed or killed run can simply be repeated.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
from psycopg import sql
from psycopg.rows import class_row

from akrim import warehouse
from akrim.errors import UserError
from akrim.linkage.engine import tables
from akrim.linkage.records.standardise import RECORD_COLUMNS
from akrim.linkage.store.undoing import undo_run

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi as adbc

RUN_LOCK = "akrim.linkage"


@dataclass(frozen=True)
class Run:
    """A run: its model, its unique token, and its counts."""

    model: str
    token: str
    counts: dict[str, Any]


RECORDS = sql.SQL("(select {} from intermediate.person_records) as r").format(
    sql.SQL(", ").join(map(sql.Identifier, RECORD_COLUMNS))
)
# Covers all columns that linkage reads; computed by PostgreSQL, so that unchanged records are not transferred.
DIGEST = sql.SQL("hash_record_extended(r, 0)")

# A record that is gone is still claimed by its last person, should it come back.
_MEMBERSHIPS = sql.SQL("""
with now as (select * from linkage.memberships where {is_current})
select source, extract, source_record_id, content_digest, person_id, link_kind, match_weight, same_number_as,
    has_borrowed_number, true as is_current
from now
union all
select * from (
    select distinct on (m.source, m.source_record_id) m.source, m.extract, m.source_record_id, m.content_digest,
        {resolved}, m.link_kind, m.match_weight, m.same_number_as, m.has_borrowed_number,
        false as is_current
    from linkage.memberships m join linkage.runs r on r.release_id = m.valid_to_release {earlier}
    where not exists (
        select 1 from now where (now.source, now.source_record_id) = (m.source, m.source_record_id))
    order by m.source, m.source_record_id, r.run_number desc
) gone
""")
IS_CURRENT = sql.SQL("valid_to_release is null")
MEMBERSHIPS = _MEMBERSHIPS.format(
    is_current=IS_CURRENT, resolved=sql.SQL("linkage.resolve(m.person_id)"), earlier=sql.SQL("")
)
# What a release's run left; nothing is settled by it, so that digests play no part.
LINKED = sql.SQL("""
select source, extract, source_record_id, '' as content_digest, person_id, link_kind, match_weight,
    null::text as same_number_as, false as has_borrowed_number, true as is_current
from linkage.person_records_at({release})
""")
EXISTING_PERSONS = """
create or replace temp table existing_persons as
select source || '/' || source_record_id as record_key, person_id from existing_memberships
"""
# The state before a release's run.
WAS_CURRENT_BEFORE = sql.SQL(
    "valid_from_release <> {release} and (valid_to_release is null or valid_to_release = {release})"
)
RESOLVED_BEFORE = sql.SQL("linkage.resolve_without(m.person_id, {release})")

# What a release was pinned with; a second reading is only compared with the first.
DECISIONS = sql.SQL("""
select source_l || '/' || source_record_id_l as record_key_l, source_r || '/' || source_record_id_r as record_key_r, verdict,
    decision_id, match_weight
from linkage.verdicts_until((select last_decision_id from meta.releases where release_id = {release}))
""")
# Parked records and those that they fit: their outcome can change though they do not, so each run links them again.
PARKED_RECORDS = sql.SQL("""
select source_l || '/' || source_record_id_l as record_key from linkage.findings where outcome like 'parked%' and {is_current}
union select source_r || '/' || source_record_id_r from linkage.findings where outcome like 'parked%' and {is_current}
""")
LAST_RUN = """
select r.release_id, r.base_release_id, r.model, exists (select 1 from meta.workbench w where w.release_id = r.release_id)
from linkage.runs r order by r.run_number desc limit 1
"""

PERSONS = sql.SQL(
    "select p.person_id, r.run_number as age from linkage.persons p join linkage.runs r using (release_id)"
)

PAIR_KEYS = ("source_l", "source_record_id_l", "source_r", "source_record_id_r")
FINDING_COLUMNS = (
    *PAIR_KEYS, "outcome", "guard", "match_weight", "threshold", "verdict", "verdict_weight", "steps",
)  # fmt: skip
# Without `steps`, which is by far the largest column and decides nothing.
_COLUMNS_READ = sql.SQL(", ").join(
    sql.Identifier("f", column) for column in FINDING_COLUMNS if column != "steps"
)
EXISTING_FINDINGS = sql.SQL("select {} from linkage.findings f where valid_to_release is null").format(
    _COLUMNS_READ
)
FINDINGS_OF = sql.SQL("""
select {columns} from wanted_records k join linkage.findings f
on (f.source_l, f.source_record_id_l) = (k.source, k.source_record_id) and f.valid_to_release is null
union
select {columns} from wanted_records k join linkage.findings f
on (f.source_r, f.source_record_id_r) = (k.source, k.source_record_id) and f.valid_to_release is null
""").format(columns=_COLUMNS_READ)


@contextmanager
def open_store() -> Iterator[psycopg.Connection]:
    """A connection that holds the lock for changing linkage.*."""
    with warehouse.connect() as connection:
        connection.execute("select pg_advisory_lock(hashtext(%s))", [RUN_LOCK])
        connection.commit()
        yield connection


def rewind(connection: psycopg.Connection, release_id: str, base_release_id: str | None) -> None:
    """Restore linkage.* to its state after the base release."""
    later = connection.execute(LATER_RUNS, {"base": base_release_id, "release": release_id}).fetchall()
    blocking = [row[0] for row in later if row[1]]
    if blocking:
        raise UserError(
            f"Release {blocking[0]} was published on persons linked after {base_release_id or 'the start'}.",
            release_id,
            "Assess again from the newest published release.",
        )
    for released, _ in reversed(later):
        undo_run(connection, released)


# The runs after the base release's, and whether each was published and so cannot be undone.
LATER_RUNS = """
select r.release_id,
    r.release_id <> %(release)s and m.published_at is not null
from linkage.runs r left join meta.releases m using (release_id)
where r.run_number > coalesce((select run_number from linkage.runs where release_id = %(base)s), 0)
order by r.run_number
"""


@tables(reads="existing_memberships", writes="existing_findings existing_persons persons")
def load(con: duckdb.DuckDBPyConnection, release_id: str, *, as_before: bool = False) -> None:
    """Read person records and existing persons into DuckDB for a release; `as_before` gives the state that its run started from."""
    load_records(con)
    if as_before:
        _load_as_before(con, sql.Literal(release_id))
    else:
        load_memberships(con)
        _read(con, "persons", PERSONS)
        load_decisions(con, release_id)
    _read(con, "existing_findings", EXISTING_FINDINGS)
    con.execute(EXISTING_PERSONS)


def _load_as_before(con: duckdb.DuckDBPyConnection, release: sql.Literal) -> None:
    was_current = WAS_CURRENT_BEFORE.format(release=release)
    memberships = _MEMBERSHIPS.format(
        is_current=was_current,
        resolved=RESOLVED_BEFORE.format(release=release),
        earlier=sql.SQL("and r.release_id <> {}").format(release),
    )
    _read(con, "existing_memberships", memberships)
    _read(con, "persons", sql.SQL("{} where p.release_id <> {}").format(PERSONS, release))
    _read(con, "decisions", DECISIONS.format(release=release))
    _read(con, "parked_records", PARKED_RECORDS.format(is_current=was_current))


@tables(writes="decisions existing_memberships existing_persons")
def load_linked(con: duckdb.DuckDBPyConnection, release_id: str) -> None:
    """Read the persons that a release's run found, and the verdicts that it knew."""
    release = sql.Literal(release_id)
    _read(con, "existing_memberships", LINKED.format(release=release))
    _read(con, "decisions", DECISIONS.format(release=release))
    load_persons(con)
    con.execute(EXISTING_PERSONS)


@tables(writes="existing_memberships")
def load_memberships(con: duckdb.DuckDBPyConnection) -> None:
    """Read the current memberships, and the last ones of records that are gone."""
    _read(con, "existing_memberships", MEMBERSHIPS)


@tables(writes="records")
def load_records(con: duckdb.DuckDBPyConnection, digests: list[int] | None = None) -> None:
    """Read the staged person records into DuckDB; given digests, only those."""
    every = sql.SQL("select r.*, {digest} as digest from {records}").format(digest=DIGEST, records=RECORDS)
    these = sql.SQL("{} where {} = any({}::bigint[])").format(every, DIGEST, sql.Literal(digests))
    _read(con, "records", every if digests is None else these)


@tables(writes="digests")
def load_digests(con: duckdb.DuckDBPyConnection) -> None:
    """Read only the digest of every staged person record."""
    _read(con, "digests", sql.SQL("select {} as digest from {}").format(DIGEST, RECORDS))


@tables(writes="decisions parked_records")
def load_decisions(con: duckdb.DuckDBPyConnection, release_id: str) -> None:
    """Read the verdicts that a release was pinned with, and the parked records, which every run links again."""
    _read(con, "decisions", DECISIONS.format(release=sql.Literal(release_id)))
    _read(con, "parked_records", PARKED_RECORDS.format(is_current=IS_CURRENT))


@tables(writes="persons")
def load_persons(con: duckdb.DuckDBPyConnection) -> None:
    """Read every person id ever given."""
    _read(con, "persons", PERSONS)


@tables(reads="described existing_memberships standard", writes="existing_findings")
def load_findings(con: duckdb.DuckDBPyConnection, keys: str) -> None:
    """Read the current findings on any of these records (source, source_record_id)."""
    with warehouse.arrow_cursor() as cursor:
        cursor.adbc_ingest("wanted_records", con.sql(keys).to_arrow_table(), mode="create", temporary=True)
        cursor.execute("analyze wanted_records")  # else all findings would be hashed, for the sake of these
        cursor.execute(FINDINGS_OF.as_string())
        _create_table(con, "existing_findings", cursor)


def find_run(connection: psycopg.Connection, release_id: str | None) -> Run | None:
    """A release's run; None if it was not linked here."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(
            "select model, token::text, counts from linkage.runs where release_id = %s", [release_id]
        ).fetchone()


def read_profile(connection: psycopg.Connection, release_id: str) -> dict[str, dict[str, float]]:
    """The distributions of a release's records, by measure."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for measure, item, actual in connection.execute(
        "select measure, item, actual from linkage.drift where release_id = %s and actual is not null order by 1, 2",
        [release_id],
    ):
        found[measure][item] = actual
    return dict(found)


def _read(con: duckdb.DuckDBPyConnection, table: str, query: sql.Composable) -> None:
    """The query has its values as literals: with parameters, the rows would not be read by COPY in batches."""
    with warehouse.arrow_cursor() as cursor:
        cursor.execute(query.as_string())
        _create_table(con, table, cursor)


def _create_table(con: duckdb.DuckDBPyConnection, table: str, cursor: "adbc.Cursor") -> None:
    """Create a table from the cursor's rows, in batches to save memory."""
    con.register("arriving", cursor.fetch_record_batch())
    con.execute(f"create or replace temp table {table} as from arriving")
    con.unregister("arriving")
