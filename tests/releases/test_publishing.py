"""A release is built aside, moved into place once, and is the same bytes whatever happened on the way."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from akrim import audit, warehouse
from akrim.atomic_files import write_new
from akrim.errors import UserError
from akrim.keys import give_form_keys
from akrim.ledger import Pins
from akrim.periods import Period
from akrim.releases import publish, publishing
from akrim.releases.list_sizes import list_sizes
from akrim.releases.parts import making
from akrim.releases.provenance import pinned_form_keys
from akrim.releases.snapshot import SnapshotInputs
from akrim.settings import get_settings
from akrim.trust import find_problems
from akrim.trust.signing import stated_head
from psycopg import sql

from tests.audit.events import events
from tests.conftest import configure
from tests.releases import world
from tests.releases.reading import text_of

CENTRES = ("alta", "bergen", "bodo", "kristiansand", "oslo", "stavanger", "tonsberg", "trondheim")
FILES = (
    "README.md",
    "assessment.html",
    "assessment.pdf",
    "changes.json",
    "corrections.json",
    "delta.json",
    "moved_ids.json",
    "data.xlsx",
    "datapackage.json",
    "manifest.json",
    "manifest.json.minisig",
    "prioritisation.xlsx",
    "profiles.pdf",
)


def contents(folder: Path) -> dict[str, bytes]:
    """Everything but the signatures, since every home has a key of its own."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".minisig"]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.mark.slow
def test_each_centre_gets_every_file_and_nothing_else_lies_there(published: Path) -> None:
    assert sorted(p.name for p in (published / world.SECOND).iterdir()) == sorted(
        [*CENTRES, "national", "manifest.json", "manifest.json.minisig", "pins.json"]
    )
    for centre in CENTRES:
        names = {p.name for p in (published / world.SECOND / centre).iterdir()}
        assert names == {*FILES, "data", "delta", "exports"}
    assert find_problems(published / world.SECOND) == []
    assert sorted(p.name for p in published.iterdir()) == [world.FIRST, world.SECOND, "catalogue.jsonld"]


@pytest.mark.slow
def test_no_centre_is_told_which_decisions_came(published: Path) -> None:
    """A form's id names the centre that sent it."""
    bergen = published / world.SECOND / "bergen"
    for text in ((bergen / "assessment.html").read_text("utf-8"), text_of(bergen / "profiles.pdf")):
        assert "politiet-2026-T1-01" in text
        assert "sentrene-" not in text


@pytest.mark.slow
@pytest.mark.installation
def test_another_home_makes_the_same_forms_with_the_pinned_keys(
    published: Path, golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of the installation's own, as in production, and a home that has another."""
    (golden / "keys").mkdir(parents=True)
    write_new(golden / "keys" / "forms.key", b"5a" * 32)
    ours = publish(world.FIRST).path
    form = "oslo/prioritisation.xlsx"
    assert contents(ours)[form] != contents(published / world.FIRST)[form]

    configure(monkeypatch, AKRIM_HOME=str(tmp_path / "other"))
    give_form_keys(tmp_path / "other" / "keys", pinned_form_keys(ours))
    assert contents(publish(world.FIRST).path) == contents(ours)


@pytest.mark.slow
def test_publishing_again_changes_nothing(
    published: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_HOME=str(published.parent))
    release = published / world.FIRST
    before = {p: p.stat().st_mtime_ns for p in release.rglob("*")}

    assert publish(world.FIRST).path == release

    assert {p: p.stat().st_mtime_ns for p in release.rglob("*")} == before


@pytest.mark.slow
@pytest.mark.installation
@pytest.mark.parametrize(("files_written", "few"), [(1, 0), (40, 0), (40, 1_000)])
def test_killed_and_repeated_elsewhere_by_several_processes_or_threads_it_is_the_same_bytes(
    files_written: int, few: int, published: Path, golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKRIM_PROCESSES", "2")
    monkeypatch.setattr(making, "FEW_LISTED", few)
    get_settings.cache_clear()
    program = f"from akrim.releases import parts, publish; parts.making.FEW_LISTED = {few}; publish({world.SECOND!r})"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment, start_new_session=True)
    building = golden / "releases" / f".building-{world.SECOND}"
    while process.poll() is None and sum(p.is_file() for p in building.rglob("*")) < files_written:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (golden / "releases" / world.SECOND).exists()

    summary = publish(world.SECOND)

    assert summary.centres["oslo"] == 4
    assert contents(summary.path) == contents(published / world.SECOND)
    assert not building.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("published")
def test_without_room_it_says_so_and_gives_back_what_it_took(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(order: SnapshotInputs) -> None:
        (order.folder / "national").mkdir()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(making, "build_national", build)
    with pytest.raises(UserError, match="disk is full"):
        publish(world.FIRST)
    assert list((golden / "releases").iterdir()) == []


@pytest.mark.parametrize(("number", "left"), [(errno.ENOENT, ["pins.json"]), (errno.ENOSPC, [])])
def test_whoever_lost_the_folder_to_another_run_leaves_it_to_that_one(
    number: int, left: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was given up, and finds what it wrote gone; a full disk is given its room back whoever filled it."""

    def write(_pins: object, building: Path, _made: object) -> None:
        building.rmdir()
        building.mkdir()
        (building / "pins.json").touch()  # the other's
        raise OSError(number, "")

    monkeypatch.setattr(publishing, "_write", write)
    pins = Pins("2026-T1.1", Period.parse("2026-T1"), True, None, {}, "")
    with pytest.raises(OSError, match=str(number)):
        publishing._build(pins, tmp_path / "2026-T1.1", None)
    assert [path.name for path in tmp_path.glob(".building-2026-T1.1/*")] == left


@pytest.mark.slow
def test_what_an_unpublished_run_with_other_inputs_left_is_replaced(golden: Path) -> None:
    left = golden / "releases" / world.FIRST
    left.mkdir(parents=True)
    (left / "manifest.json").write_text(json.dumps({"centres": [], "fingerprint": "of other inputs"}))

    publish(world.FIRST)

    assert find_problems(left) == []


@pytest.mark.slow
def test_the_ledger_and_the_marts_know_what_was_published(published: Path, golden_database: str) -> None:
    with psycopg.connect(golden_database) as connection:
        status = connection.execute(
            "select status from meta.releases where release_id = %s", [world.SECOND]
        ).fetchone()
        changes = connection.execute(
            "select person_id, change, cause from marts.release_changes where release_id = %s and centre_id = 'oslo'"
            " order by change",
            [world.SECOND],
        ).fetchall()

    assert status == ("published",)
    assert changes == [
        (world.NEWCOMER, "entered", "source"), (world.LEAVER, "left", "source"),
        (world.SERIAL, "rose", "source"), (world.SERIAL, "status", "prioritisation"),
    ]  # fmt: skip


@pytest.mark.slow
def test_the_lists_of_earlier_tertials_are_counted_without_those_dismissed(
    published: Path, golden: Path
) -> None:
    (first, second) = list_sizes(world.SECOND, "oslo")
    with warehouse.connect() as connection:
        listed = "select count(*) from marts.assessments where release_id = %s and centre_id = 'oslo' and status is distinct from 'avskrevet'"
        counted = [connection.execute(listed, [name]).fetchone() for name in (world.FIRST, world.SECOND)]
    assert [first, second] == [("2025-T3", *counted[0], *counted[0]), ("2026-T1", *counted[1], 1)]


@pytest.mark.slow
def test_the_manifest_names_the_inputs(published: Path) -> None:
    manifest = json.loads((published / world.SECOND / "manifest.json").read_text())

    assert manifest["previous_release_id"] == world.FIRST
    assert manifest["inputs"]["nav"] == [{"delivery_id": "nav-2026-T1-01", "manifest_sha256": "0" * 64}]
    assert set(manifest["versions"]) == {"code", "model", "rules", "link_decisions"}
    assert [centre["centre_id"] for centre in manifest["centres"]] == sorted([*CENTRES, "national"])


@pytest.mark.slow
def test_changes_are_an_empty_list_when_nothing_changed_and_everybody_is_new_at_first(
    published: Path,
) -> None:
    unchanged = json.loads((published / world.SECOND / "bergen" / "changes.json").read_text())
    first = json.loads((published / world.FIRST / "oslo" / "changes.json").read_text())

    assert unchanged["changes"] == []
    assert unchanged["previous"] == world.FIRST
    assert first["previous"] is None
    assert {change["change"] for change in first["changes"]} == {"entered"}


@pytest.mark.slow
def test_a_release_is_logged_for_each_centre_and_states_the_log_before_it(
    published: Path, golden: Path, golden_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    disclosed = [e for e in events(golden_database, "disclosure") if e["detail"] == {"means": "login"}]
    assert [(e["release_id"], e["recipient"]) for e in disclosed] == [
        (release_id, centre) for release_id in (world.FIRST, world.SECOND) for centre in CENTRES
    ], "also after it was published again elsewhere"
    assert {world.SERIAL, world.COUNTERPART} <= set(
        next(e for e in disclosed if e["recipient"] == "oslo")["persons"]
    )
    (left,) = (e["persons"] for e in disclosed if (e["release_id"], e["recipient"]) == (world.SECOND, "oslo"))
    assert world.LEAVER in left, "of whom the changes tell"
    first, second, oslos = (
        stated_head(published / r / "manifest.json")
        for r in (world.FIRST, world.SECOND, f"{world.SECOND}/oslo")
    )
    assert first is None
    before = max((e for e in disclosed if e["release_id"] == world.FIRST), key=lambda e: e["position"])
    assert second == oslos == {"position": before["position"], "sha256": before["sha256"]}

    configure(monkeypatch, AKRIM_HOME=str(published.parent))
    assert audit.verify().releases == [world.SECOND]
    with psycopg.connect(golden_database) as connection:
        connection.execute(CUT.format(position=sql.Literal(before["position"])))
    try:
        with pytest.raises(UserError, match=f"is gone, which was the newest when {world.SECOND} was made"):
            audit.verify()
    finally:
        with psycopg.connect(golden_database) as connection:
            connection.execute(MEND)
    assert audit.verify().releases == [world.SECOND]


# The end of the log from that position on, put aside and back, which the owner of the tables alone can do.
CUT = sql.SQL("""
alter table audit.events disable trigger user; alter table audit.subjects disable trigger user;
create table audit.cut_events as select * from audit.events where position >= {position};
create table audit.cut_subjects as select * from audit.subjects where position >= {position};
delete from audit.events where position >= {position}; delete from audit.subjects where position >= {position}
""")
MEND = """
insert into audit.events select * from audit.cut_events; insert into audit.subjects select * from audit.cut_subjects;
drop table audit.cut_events, audit.cut_subjects;
alter table audit.events enable trigger user; alter table audit.subjects enable trigger user
"""


@pytest.mark.slow
def test_what_was_made_of_a_release_that_another_has_overtaken_goes(
    published: Path, golden: Path, golden_copy: str
) -> None:
    """Somebody held the first one when it was built, and nobody let it go: nothing else would ever remove who is in it."""
    with psycopg.connect(golden_copy) as connection:
        connection.execute("update meta.releases set status = 'building', published_at = null")
    for folder in (world.FIRST, f".building-{world.FIRST}"):
        (golden / "releases" / folder / "oslo").mkdir(parents=True)
    publish(world.SECOND)
    assert {path.name for path in (golden / "releases").iterdir()} == {world.SECOND, "catalogue.jsonld"}
    with psycopg.connect(golden_copy) as connection:
        kept = connection.execute("select distinct release_id from shared_rows.persons").fetchall()
    assert kept == [(world.SECOND,)]
