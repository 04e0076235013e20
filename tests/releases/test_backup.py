"""The drill: the published golden world is backed up, and restored into a home and a database that hold nothing."""

import json
import re
import uuid
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim import audit, warehouse
from akrim.backup import back_up, making, restore
from akrim.backup.content import DUMP, MANIFEST, copy_file, files_below, read_manifest
from akrim.cli import app
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.trust import find_problems
from typer.testing import CliRunner

from tests.conftest import configure, create_database, drop_database

# Every table's, view's and function's rights, and how its rows are kept apart.
RIGHTS = """
select c.oid::regclass::text, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner)
from pg_class as c where c.relnamespace::regnamespace::text !~ %(not_ours)s and c.relkind in ('r', 'v', 'p')
union all
select p.oid::regprocedure::text, p.proacl::text, null, p.prosecdef, pg_get_userbyid(p.proowner)
from pg_proc as p where p.pronamespace::regnamespace::text !~ %(not_ours)s
union all
select n.nspname, n.nspacl::text, null, null, pg_get_userbyid(n.nspowner)
from pg_namespace as n where n.nspname !~ %(not_ours)s
union all
select p.polrelid::regclass::text || ' ' || p.polname, pg_get_expr(p.polqual, p.polrelid), null, null, null from pg_policy as p
"""
NOT_OURS = "^(pg_|information_schema)"
TABLES = """
select c.oid::regclass::text from pg_class as c
where c.relkind = 'r' and c.relnamespace::regnamespace::text !~ %s order by 1
"""


@pytest.fixture
def empty_database(server: str) -> Iterator[str]:
    name = f"restored_{uuid.uuid4().hex[:8]}"
    create_database(server, name)
    yield server.format(name)
    drop_database(server, name)


def use(patch: pytest.MonkeyPatch, home: Path, address: str) -> None:
    configure(patch, AKRIM_HOME=str(home), AKRIM_DATABASE_URL=address)


def content(address: str) -> dict[str, Any]:
    """Each table's number of rows and a digest of them, and all rights."""
    with psycopg.connect(address) as connection:
        tables = [row[0] for row in connection.execute(TABLES, [NOT_OURS]).fetchall()]
        rows = {
            table: connection.execute(
                f"select count(*), sum(hashtextextended(t::text, 0)) from {table} as t".encode()
            ).fetchone()
            for table in tables
        }
        return rows | {"rights": set(connection.execute(RIGHTS, {"not_ours": NOT_OURS}).fetchall())}


def test_what_is_restored_is_what_was_there(
    published: Path,
    golden_database: str,
    empty_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, fresh = tmp_path / "backup", tmp_path / "fresh"
    use(monkeypatch, published.parent, golden_database)
    made = back_up(folder)
    assert made.releases == sorted(path.name for path in published.iterdir() if path.is_dir())
    assert [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077] == []
    with pytest.raises(UserError, match="not empty"):
        back_up(folder)
    (folder / MANIFEST).rename(tmp_path / MANIFEST)  # as of one that was cut off
    with pytest.raises(UserError, match="not finished"):
        back_up(folder)
    (tmp_path / MANIFEST).rename(folder / MANIFEST)
    with pytest.raises(UserError, match="an installation already"):
        restore(folder)

    use(monkeypatch, fresh, empty_database)
    spoilt = next(files_below(folder / "home" / "releases"))
    whole = spoilt.read_bytes()
    spoilt.write_bytes(whole + b"x")
    with pytest.raises(UserError, match="1 file"):
        restore(folder)
    spoilt.write_bytes(whole)
    assert not fresh.exists()
    assert warehouse.revision() is None

    assert restore(folder) == made
    assert content(empty_database) == content(golden_database)
    assert f"{audit.verify().position}:{audit.verify().sha256}" == made.audit_head
    with warehouse.connect() as connection:
        newest = "select action, recipient, detail from audit.events order by position desc limit 1"
        assert connection.execute(newest).fetchone() == ("disclosure", "a backup", {"means": "backup"})
    for release_id in made.releases:
        assert not find_problems(fresh / "releases" / release_id)
    for part in ("releases", "keys", "outbox"):
        before, after = (
            {path.relative_to(root / part): path.read_bytes() for path in files_below(root / part)}
            for root in (published.parent, fresh)
        )
        assert before == after
    assert [path for path in fresh.rglob("*") if path.stat().st_mode & 0o077] == []
    with pytest.raises(UserError, match="an installation already"):
        restore(folder)


def test_a_backup_tells_of_releases_without_files(
    published: Path, golden_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path / "home", golden_database)
    told = CliRunner().invoke(app, ["backup", str(tmp_path / "backup")])
    assert isinstance(told.exception, UserError)
    assert all(path.name in told.exception.what for path in published.iterdir() if path.is_dir())
    assert read_manifest(tmp_path / "backup").releases == []


@pytest.mark.usefixtures("warehouse")
def test_what_is_being_sent_meanwhile_does_not_end_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = get_settings().home / "outbox" / "oslo"
    outbox.mkdir(mode=0o700, parents=True)
    for name in ("2025-T3.1.tar.age", "later", ".2025-T3.2.tar.age.part"):
        (outbox / name).write_bytes(b"sealed")

    def copy(source: Path, target: Path) -> str:
        (outbox / "later").unlink(missing_ok=True)  # as erasure and retention do
        return copy_file(source, target)

    monkeypatch.setattr(making, "copy_file", copy)
    made = back_up(tmp_path / "backup")
    assert [name for name in made.files if "outbox" in name] == ["home/outbox/oslo/2025-T3.1.tar.age"]


@pytest.mark.usefixtures("warehouse")
def test_the_warehouse_is_compressed_at_the_quickest(tmp_path: Path) -> None:
    """At gzip's default a backup of a large installation takes three times as long, for an eighth less room."""
    back_up(tmp_path / "backup")
    dump = (tmp_path / "backup" / DUMP).read_bytes()
    quickest, default = (_whole_streams(dump, header) for header in (b"\x78\x01", b"\x78\x9c"))
    assert quickest > 5
    assert default == 0


def _whole_streams(content: bytes, header: bytes) -> int:
    """How many streams of zlib's begin so and end with a checksum that fits."""
    found = 0
    for place in re.finditer(re.escape(header), content):
        stream = zlib.decompressobj()
        with suppress(zlib.error):
            stream.decompress(content[place.start() :])
        found += stream.eof
    return found


MADE: dict[str, Any] = {"format": 1, "version": "1", "made_at": "", "revision": "1", "audit_head": "1:a"}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "manifest",
    [
        None,
        MADE | {"files": []},
        MADE | {"files": {}},
        MADE | {"files": {"warehouse.dump": 1}},
        MADE | {"files": {"warehouse.dump": "", "elsewhere/file": ""}},
        MADE | {"files": {"warehouse.dump": ""}, "audit_head": 1},
    ],
)
def test_a_backup_that_was_never_finished_is_none(tmp_path: Path, manifest: dict[str, Any] | None) -> None:
    if manifest:
        (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="There is no whole backup"):
        restore(tmp_path)
