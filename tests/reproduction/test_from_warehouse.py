"""A release built again says what it could not be given any more, and is built in a copy by whichever programs fit the server."""

import os
import shutil
import uuid
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.ledger import Pins
from akrim.linkage.model import model_version
from akrim.linkage.model.file import model_folder, newest_model
from akrim.linkage.store import forget_verdicts
from akrim.periods import Period
from akrim.reproduction.building import BuildEnvironment, new_home, require_model
from akrim.reproduction.from_warehouse import SHORTENED_SINCE, _reasons, copy_warehouse, link_earlier
from akrim.warehouse import embedded

from tests.conftest import create_database, drop_database
from tests.ledger.entering import enter_release

REMOVE = (
    "insert into meta.release_removals (release_id, rows_removed, removed_at) values (%s, 1, '2026-05-10')"
)
ERASE = """
insert into meta.erasures (person_id, releases, rows_erased, by_name, reason, erased_at)
values ('P1', array[%s], 1, 'Kari Vakt', 'test', '2026-05-10')
"""

VERDICT = """
insert into linkage.link_decisions
    (decision_id, source_l, source_record_id_l, source_r, source_record_id_r, verdict, reason, author, reading)
overriding system value values (1, 'nav', '1', 'skatteetaten', '2', 'same', 'test', 'kari', 'first')
"""


@pytest.mark.parametrize("how", [REMOVE, ERASE])
@pytest.mark.parametrize(
    ("gone", "reserved", "is_shortened"),
    [
        ("2026-T1.1", "2026-05-01", True),
        ("2026-T1.1", "2026-05-20", False),  # it was made without these rows
        ("2026-T1.3", "2026-05-01", False),  # a later release is no input
    ],
)
def test_what_an_earlier_release_lost_since_is_a_reason(
    warehouse: str, how: str, gone: str, reserved: str, is_shortened: bool
) -> None:
    with psycopg.connect(warehouse) as connection:
        for revision in (1, 2, 3):
            enter_release(connection, f"2026-T1.{revision}", reserved_at=reserved)
        connection.execute(how.encode(), [gone])
        found = connection.execute(SHORTENED_SINCE, ["2026-T1.2"]).fetchone()
    assert (found is not None) == is_shortened


def test_verdicts_that_were_erased_are_a_reason(warehouse: str) -> None:
    pins = Pins("2026-T1.1", Period.parse("2026-T1"), True, None, {"code": "another"}, "")
    told = []
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, "2026-T1.1")
        connection.execute(VERDICT)
        for gone in ([], [1]):
            forget_verdicts(connection, gone)
            told.append(" ".join(_reasons(connection, pins)))
    assert ["pins.json" in reasons for reasons in told] == [False, True]
    assert "1 verdict(s) of clerks were erased" in told[1]


def test_it_is_told_from_the_files_of_every_release_that_it_is_compared_with(
    home: Path, tmp_path: Path
) -> None:
    """As they were sent, which the marts need not say any more."""
    pins = Pins(
        "2026-T1.2", Period.parse("2026-T1"), True, None, {}, "",
        previous_release_id="2026-T1.1", last_period_release_id="2025-T3.1",
    )  # fmt: skip
    (tmp_path / "releases").mkdir()
    link_earlier(tmp_path, pins)
    assert {path.name: path.readlink() for path in (tmp_path / "releases").iterdir()} == {
        release_id: home / "releases" / release_id for release_id in ("2026-T1.1", "2025-T3.1")
    }


def test_a_model_that_was_trained_here_links_the_copy_too_and_one_that_is_gone_is_named(home: Path) -> None:
    name, own = "2026-01-02-abcdef", home / "models"
    home.mkdir(mode=0o700)
    own.mkdir()
    for path in model_folder(newest_model()).glob(f"{newest_model()}.*"):
        shutil.copyfile(path, own / path.name.replace(newest_model(), name))
    version = model_version(name)
    require_model("2026-T1.1", version)

    rebuilt = BuildEnvironment(new_home("2026-T1.1", {}), "postgresql:///nowhere")
    program = f"from akrim.linkage.model import model_version; assert model_version({name!r}) == {version!r}"
    rebuilt.run(program, [], {}, "The models that were trained are not there.")

    (own / f"{name}.json").unlink()
    with pytest.raises(UserError, match=rf"2026-T1.1 was linked with the model {version}, which is not here"):
        require_model("2026-T1.1", version)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("raise SystemExit('failed: assess: No rule is called so.\\n  next:  Name another.')", " assess: No rule is called so."),
        ("from akrim.cli import main; main()", " "),
        ("raise SystemExit(3)", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_rebuilt_says_why(program: str, told: str, home: Path) -> None:
    rebuilt = BuildEnvironment(new_home("2026-T1.1", {}), "postgresql:///nowhere")
    rebuilt.log.write_text("error  It was another program that said this.\n")
    with pytest.raises(UserError) as failed:
        rebuilt.run(program, ["run", "--period", "2026"], {}, "2026-T1.1 could not be rebuilt.")
    assert failed.value.what.startswith(f"2026-T1.1 could not be rebuilt.{told}")
    assert "another program" not in failed.value.what


def test_it_is_built_by_the_settings_of_this_folder_and_answers_nobody(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that akrim.toml and the environment name by a path from here, and no agency's receipt where this installation's lie."""
    (tmp_path / "akrim.toml").write_text('retention = "kept.yml"\ncontracts = "agreed"\noutbox = "out"\n')
    (tmp_path / "agreed").mkdir()
    (tmp_path / "secrets.py").write_text("raise SystemExit('not the module of that name')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AKRIM_SHARING", "shared.yml")
    monkeypatch.setenv("AKRIM_OUTBOX", "s3://bucket/outbox")
    rebuilt = BuildEnvironment(new_home("2026-T1.1", {}), "postgresql:///nowhere")
    program = f"""
import secrets
from pathlib import Path
from akrim.settings import get_settings
settings = get_settings()
given = [settings.retention, settings.contracts, settings.sharing]
assert [path.resolve() for path in given] == [Path({str(tmp_path)!r}, name) for name in ("kept.yml", "agreed", "shared.yml")], given
assert settings.outbox_address == {str(rebuilt.home / "outbox")!r}, settings.outbox_address
"""
    rebuilt.run(program, [], {}, "It was given other settings.")


def test_the_copy_is_made_by_the_machines_programs_where_none_come_with_the_installation(
    warehouse: str, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(warehouse) as connection:
        enter_release(connection, "2026-T1.1", reserved_at="2026-05-01")
    monkeypatch.setenv("PATH", f"{embedded.binaries()}:{os.environ['PATH']}")
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)
    name = f"copy_{uuid.uuid4().hex[:8]}"
    create_database(server, name, "template0")
    copy_warehouse(warehouse, server.format(name))
    with psycopg.connect(server.format(name)) as connection:
        assert connection.execute("select release_id from meta.releases").fetchall() == [("2026-T1.1",)]
    drop_database(server, name)
