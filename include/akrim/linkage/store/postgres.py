"""Where persons last: linkage.* in PostgreSQL, read into DuckDB before a run; saving.py changes it after one.

A membership is valid from the release that made it until the release that changed it. A run starts from its base
release: what later runs did, none of them published, is taken back first, so that a failed or killed run is simply
done again.
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

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi as adbc

RUN_LOCK = "akrim.linkage"


@dataclass(frozen=True)
class Run:
    """A run that stands: its model, the token that names it alone, and its counts."""

    model: str
    token: str
    counts: dict[str, Any]


RECORDS = sql.SQL("(select {} from intermediate.person_records) as r").format(
    sql.SQL(", ").join(map(sql.Identifier, RECORD_COLUMNS))
)
# Of all that linkage reads of a record, its key included; PostgreSQL's own, so that what did not change is not read.
DIGEST = sql.SQL("hash_record_extended(r, 0)")

# Where a record is gone, the person it last belonged to still has a claim on it, should it come back.
_STANDING = sql.SQL("""
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
""")
STANDS = sql.SQL("valid_to_release is null")
STANDING = _STANDING.format(
    stands=STANDS, resolved=sql.SQL("linkage.resolve(m.person_id)"), earlier=sql.SQL("")
)
# As the run of a release found it.
STOOD_BEFORE = sql.SQL(
    "valid_from_release <> {release} and (valid_to_release is null or valid_to_release = {release})"
)
RESOLVED_BEFORE = sql.SQL("linkage.resolve_without(m.person_id, {release})")
DECIDED_BEFORE = sql.SQL(
    "and decision_id <= (select last_decision_id from linkage.runs where release_id = {release})"
)

# A later verdict on the same two records wins; a second reading is held against the first and moves nothing.
DECISIONS = sql.SQL("""
select distinct on (source_l, source_record_id_l, source_r, source_record_id_r)
    source_l || '/' || source_record_id_l as record_key_l, source_r || '/' || source_record_id_r as record_key_r, verdict,
    decision_id, match_weight
from linkage.link_decisions where reading = 'first' {decided}
order by source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc
""")
# Whoever is parked, with whom it fits: that can change though none of them does, so it is looked at again each time.
PARKED_RECORDS = sql.SQL("""
select source_l || '/' || source_record_id_l as record_key from linkage.findings where outcome like 'parked%' and {stands}
union select source_r || '/' || source_record_id_r from linkage.findings where outcome like 'parked%' and {stands}
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
# Without the steps, by far the most of it: they decide nothing that the weight does not tell.
_TOLD_OF_FINDINGS = sql.SQL(", ").join(
    sql.Identifier("f", column) for column in FINDING_COLUMNS if column != "steps"
)
STANDING_FINDINGS = sql.SQL("select {} from linkage.findings f where valid_to_release is null").format(
    _TOLD_OF_FINDINGS
)
FINDINGS_OF = sql.SQL("""
select {columns} from looked_at k join linkage.findings f
on (f.source_l, f.source_record_id_l) = (k.source, k.source_record_id) and f.valid_to_release is null
union
select {columns} from looked_at k join linkage.findings f
on (f.source_r, f.source_record_id_r) = (k.source, k.source_record_id) and f.valid_to_release is null
""").format(columns=_TOLD_OF_FINDINGS)


@contextmanager
def open_store() -> Iterator[psycopg.Connection]:
    """A connection that alone may change linkage.*."""
    with warehouse.connect() as connection:
        connection.execute("select pg_advisory_lock(hashtext(%s))", [RUN_LOCK])
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


@tables(reads="standing_rows", writes="persons standing standing_findings")
def load(con: duckdb.DuckDBPyConnection, as_before: str | None = None) -> None:
    """Read the person records and the standing persons into DuckDB; `as_before` a release, as its run found them."""
    load_records(con)
    if as_before:
        _load_as_before(con, sql.Literal(as_before))
    else:
        load_standing(con)
        _read(con, "persons", PERSONS)
        load_doubtful(con)
    _read(con, "standing_findings", STANDING_FINDINGS)
    con.execute(
        "create or replace temp table standing as"
        " select source || '/' || source_record_id as record_key, person_id from standing_rows"
    )


def _load_as_before(con: duckdb.DuckDBPyConnection, release: sql.Literal) -> None:
    stood = STOOD_BEFORE.format(release=release)
    standing = _STANDING.format(
        stands=stood,
        resolved=RESOLVED_BEFORE.format(release=release),
        earlier=sql.SQL("and r.release_id <> {}").format(release),
    )
    _read(con, "standing_rows", standing)
    _read(con, "persons", sql.SQL("{} where p.release_id <> {}").format(PERSONS, release))
    _read(con, "decisions", DECISIONS.format(decided=DECIDED_BEFORE.format(release=release)))
    _read(con, "parked_records", PARKED_RECORDS.format(stands=stood))


@tables(writes="standing_rows")
def load_standing(con: duckdb.DuckDBPyConnection) -> None:
    """Read the memberships that stand."""
    _read(con, "standing_rows", STANDING)


@tables(writes="records")
def load_records(con: duckdb.DuckDBPyConnection, digests: list[int] | None = None) -> None:
    """Read the staged person records into DuckDB, or those of these digests."""
    every = sql.SQL("select r.*, {digest} as digest from {records}").format(digest=DIGEST, records=RECORDS)
    these = sql.SQL("{} where {} = any({}::bigint[])").format(every, DIGEST, sql.Literal(digests))
    _read(con, "records", every if digests is None else these)


@tables(writes="digests")
def load_digests(con: duckdb.DuckDBPyConnection) -> None:
    """Read the digest of every staged person record, and nothing else of it."""
    _read(con, "digests", sql.SQL("select {} as digest from {}").format(DIGEST, RECORDS))


@tables(writes="decisions parked_records")
def load_doubtful(con: duckdb.DuckDBPyConnection) -> None:
    """Read what clerks have decided, and who is parked: what is looked at again each time."""
    _read(con, "decisions", DECISIONS.format(decided=sql.SQL("")))
    _read(con, "parked_records", PARKED_RECORDS.format(stands=STANDS))


@tables(writes="persons")
def load_persons(con: duckdb.DuckDBPyConnection) -> None:
    """Read every person id ever given."""
    _read(con, "persons", PERSONS)


@tables(reads="described standard standing_rows", writes="standing_findings")
def load_findings_of(con: duckdb.DuckDBPyConnection, keys: str) -> None:
    """Read the findings that stand on any of these records (source, source_record_id)."""
    with warehouse.arrow_cursor() as cursor:
        cursor.adbc_ingest("looked_at", con.sql(keys).to_arrow_table(), mode="create", temporary=True)
        cursor.execute(FINDINGS_OF.as_string())
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


def _read(con: duckdb.DuckDBPyConnection, table: str, query: sql.Composable) -> None:
    """Values stand in the query as literals: with parameters, the rows would not come by COPY, batch by batch."""
    with warehouse.arrow_cursor() as cursor:
        cursor.execute(query.as_string())
        _take(con, table, cursor)


def _take(con: duckdb.DuckDBPyConnection, table: str, cursor: "adbc.Cursor") -> None:
    """Lay what the cursor brings into a table, batch by batch, so that nothing is held twice."""
    con.register("arriving", cursor.fetch_record_batch())
    con.execute(f"create or replace temp table {table} as from arriving")
    con.unregister("arriving")
