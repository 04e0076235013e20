"""Rebuilds an old release of this installation in a copy of the warehouse, and compares it file by file.

The copy is rewound to when the release was reserved, and the same DAG runs there with the release's pins; the files go to
`reproduced/` under the home folder. Nothing published is touched.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from akrim import ledger, warehouse
from akrim.deliveries.removal import require_rows
from akrim.errors import UserError, redacted
from akrim.ledger import Pins
from akrim.linkage.store import undo_verdicts
from akrim.orchestration import pinning
from akrim.releases.provenance import pinned_form_keys
from akrim.reproduction.building import BuildEnvironment, new_database, new_home, require_model
from akrim.reproduction.comparing import Reproduction, compare_builds, require_unerased
from akrim.settings import get_settings

ERASED_SINCE = "select 1 from meta.erasures where %s = any (releases)"
REMOVED_SINCE = "select 1 from meta.release_removals where release_id = %s"
# What an earlier release had when this one was reserved, and has no more.
SHORTENED_SINCE = """
select 1 from meta.releases as this join meta.releases as earlier on earlier.sequence < this.sequence
where this.release_id = %s and (
    exists (select from meta.release_removals as r where r.release_id = earlier.release_id and r.removed_at > this.reserved_at)
    or exists (select from meta.erasures as e where earlier.release_id = any(e.releases) and e.erased_at > this.reserved_at)
)
"""
# Schemas that are rebuilt and need not be copied.
REBUILT = ("staging", "intermediate", "indicators", "seeds", "marts_current", "marts_history")


def reproduce(release_id: str) -> Reproduction:
    """Rebuild the release and compare; signatures are left out.

    Raises UserError where its files or inputs are no longer here.
    """
    pins = ledger.load(release_id)
    published = get_settings().releases_path / release_id
    if not published.is_dir():
        raise UserError(f"The files of {release_id} are not here.", str(published), "`akrim releases list`.")
    require_unerased(published)
    with warehouse.connect() as connection:
        if connection.execute(ERASED_SINCE, [release_id]).fetchone():
            raise UserError(
                f"Data of a person in {release_id} were erased since.",
                "meta.erasures",
                "It can no longer be built as it was.",
            )
        _require_kept(connection, pins)
    require_model(release_id, pins.model)
    home = new_home(release_id, pinned_form_keys(published))
    (home / "releases").mkdir()
    link_earlier(home, pins)
    with _copy_of_warehouse(release_id) as address:
        reasons = _rewind(address, pins)
        BuildEnvironment(home, address).build(release_id, pins.inputs["settings"])
    return compare_builds(release_id, published, home / "releases" / release_id, reasons)


def link_earlier(home: Path, pins: Pins) -> None:
    """Have the releases that this one is compared with in the other home: it is told from the files as they were sent."""
    for earlier in filter(None, (pins.previous_release_id, pins.last_period_release_id)):
        (home / "releases" / earlier).symlink_to(get_settings().releases_path / earlier)


def _require_kept(connection: psycopg.Connection, pins: Pins) -> None:
    """Raise UserError where what the release was made from, or what it said, is past its limit and was removed."""
    require_rows(connection, pins.delivery_ids)
    if connection.execute(REMOVED_SINCE, [pins.release_id]).fetchone():
        raise UserError(
            f"The rows of {pins.release_id} were removed, past the time for which they are kept.",
            "meta.release_removals",
            "It can no longer be built as it was.",
        )


@contextmanager
def _copy_of_warehouse(release_id: str) -> Iterator[str]:
    """The address of a copy, dropped at the end."""
    with new_database(release_id) as address:
        copy_warehouse(warehouse.url(), address)
        _create_rebuilt_schemas(address)
        yield address


def copy_warehouse(source: str, target: str) -> None:
    """Copy what is not rebuilt into an empty database, by the addresses of the two."""
    left_out = [f"--exclude-schema={schema}" for schema in REBUILT]
    # Forced row security lets pg_dump read none, and none is needed.
    left_out.append("--exclude-table-data=shared_rows.*")
    with psycopg.connect(source) as connection:
        views = connection.execute(VIEWS_ON_REBUILT, {"rebuilt": list(REBUILT)}).fetchall()
    left_out += [f"--exclude-table={name}" for (name,) in views]
    source, of_source = warehouse.for_program(source)
    target, of_target = warehouse.for_program(target)
    dump = [warehouse.program("pg_dump"), "--no-owner", "--no-privileges", *left_out, source]
    restore = [warehouse.program("psql"), "-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, target]
    with subprocess.Popen(dump, env=of_source, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as dumping:  # noqa: S603  # PostgreSQL's own programs, no shell
        restored = subprocess.run(  # noqa: S603  # PostgreSQL's own programs, no shell
            restore, env=of_target, stdin=dumping.stdout, capture_output=True, check=False
        )
        if dumping.stdout:
            dumping.stdout.close()  # a dump that nobody reads any more would wait for ever
        if dumping.wait() or restored.returncode:
            output = restored.stderr + (dumping.stderr.read() if dumping.stderr else b"")
            raise UserError(
                "The warehouse cannot be copied.",
                redacted(output.decode(errors="replace")).partition("\n")[0],
                "The server must be able to hold it twice.",
            )


# Views on rebuilt tables are rebuilt too.
VIEWS_ON_REBUILT = """
select distinct format('%%I.%%I', made.relnamespace::regnamespace, made.relname)
from pg_rewrite r
join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
join pg_class used on d.refclassid = 'pg_class'::regclass and used.oid = d.refobjid
join pg_class made on made.oid = r.ev_class
where used.relnamespace::regnamespace::text = any(%(rebuilt)s)
    and made.relnamespace::regnamespace::text <> all(%(rebuilt)s)
"""


def _create_rebuilt_schemas(address: str) -> None:
    with psycopg.connect(address) as connection:
        for schema in REBUILT:
            connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        # Their views on our tables are restored with the rest.
        connection.execute("delete from meta.schema_version")


def _rewind(address: str, pins: Pins) -> list[str]:
    """Undo in the copy what came after the release was reserved; returns the inputs that cannot be restored."""
    release = {"release": pins.release_id}
    with psycopg.connect(address) as connection:
        later = [row[0] for row in connection.execute(LATER, release).fetchall()]
        marts = [row[0] for row in connection.execute(MARTS_TABLES).fetchall()]
        for name in marts:
            statement = sql.SQL("delete from marts.{} where release_id = any(%s)").format(
                sql.Identifier(name)
            )
            connection.execute(statement, [[*later, pins.release_id]])
        for undoing in UNDO:
            connection.execute(undoing.encode(), release)
        undo_verdicts(connection, pins.release_id)
        connection.execute(
            "update meta.releases set status = 'failed', published_at = null where release_id = any(%s)",
            [later],
        )
        connection.commit()
        return list(_reasons(connection, pins))


def _reasons(connection: psycopg.Connection, pins: Pins) -> Iterator[str]:
    """Inputs that differ from the release's."""
    if pinning.code_digest(get_settings().project_root) != pins.inputs["code"]:
        yield "Another version of the program made the release: expect differences."
    elif pinning.link_decisions_digest(connection) != pins.inputs["link_decisions"]:
        yield "The link decisions of that time can no longer be separated from later ones."
    if connection.execute(SHORTENED_SINCE, [pins.release_id]).fetchone():
        yield "Rows or files of earlier releases were erased or removed since: the report counts their lists, and deltas start from them."
    ((removed,),) = connection.execute(REMOVED_VERDICTS).fetchall()
    if removed:
        yield f"{removed} verdict(s) of clerks were erased or removed: where that was since, pins.json has their digests alone."


REMOVED_VERDICTS = "select count(*) from linkage.link_decisions where removed_sha256 is not null"
LATER = """
select later.release_id from meta.releases later join meta.releases this on this.release_id = %(release)s
where later.sequence > this.sequence
"""
MARTS_TABLES = """
select c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'marts' and c.column_name = 'release_id' and t.table_type = 'BASE TABLE'
"""
UNDO = (
    "update meta.releases set status = 'building', published_at = null, is_explained = false where release_id = %(release)s",
    "update meta.releases older set status = 'published' from meta.releases this where this.release_id = %(release)s"
    " and older.status = 'superseded' and older.sequence < this.sequence and older.period = this.period"
    " and older.revision = this.revision - 1",
)
