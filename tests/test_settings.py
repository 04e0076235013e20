"""The home folder is its owner's alone, whoever made it and however; one that is not ours is left as it is."""

import errno
import io
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from akrim.cli import app
from akrim.errors import UserError
from akrim.settings import Settings, get_settings, read_settings
from akrim.settings.reading import MAX_BYTES
from typer.testing import CliRunner


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_folder_is_made_for_its_owner_alone(home: Path) -> None:
    get_settings()
    assert mode(home) == 0o700


@pytest.mark.parametrize("found", [0o755, 0o750, 0o711, 0o777])
@pytest.mark.parametrize("holds", [(), ("releases",), ("postgres", "something of the user's")])
def test_one_that_was_open_is_closed_and_that_is_said(
    found: int, holds: tuple[str, ...], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.mkdir()
    for name in holds:
        (home / name).mkdir()
    home.chmod(found)
    get_settings()
    assert mode(home) == 0o700
    assert f"{home} was open to other users" in capsys.readouterr().err


def test_one_that_is_private_is_left_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir(mode=0o700)
    get_settings()
    assert capsys.readouterr().err == ""


def test_a_folder_of_other_things_is_refused_and_not_closed(home: Path) -> None:
    """Such as /tmp, or a user's own home."""
    home.mkdir()
    (home / "letters").mkdir()
    home.chmod(0o755)
    with pytest.raises(UserError, match=f"chmod 700 {home}"):
        get_settings()
    assert mode(home) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_another_users_folder_is_refused_and_not_closed(home: Path) -> None:
    home.mkdir(mode=0o755)
    os.chown(home, 65534, 65534)
    with pytest.raises(UserError, match="is another user's"):
        get_settings()
    assert mode(home) == 0o755


def test_a_file_in_its_place_is_told(home: Path) -> None:
    home.write_text("")
    with pytest.raises(UserError, match="no folder"):
        get_settings()


def test_deliveries_made_below_the_home_folder_are_private_as_it_is(home: Path) -> None:
    inbox = ["--out", str(home / "demo" / "inbox"), "--period", "2025-T3", "--persons", "1000"]
    made = CliRunner().invoke(app, ["synth", *inbox, "--agency", "nav"])
    assert made.exit_code == 0, made.output
    assert {mode(path) for path in (home, *home.rglob("*"))} == {0o700, 0o600}


@pytest.mark.parametrize(
    ("value", "why", "names"),
    [
        pytest.param(
            "99999999999", "less than or equal",
            ("AKRIM_DAYS_TO_WAIT", "AKRIM_DEADLINE_HOURS", "AKRIM_RECEIPT_DAYS", "AKRIM_QUIET_MINUTES"),
            id="a time that no date can be computed with",
        ),
        pytest.param(
            "", "It is empty", ("AKRIM_HOME", "AKRIM_QUERIES", "AKRIM_CONTRACTS"),
            id="a path without a name, which is the working folder",
        ),
        pytest.param(
            "s3://bucket/parts*", "a pattern of several places", ("AKRIM_LINKAGE_EXCHANGE", "AKRIM_PARTS_EXCHANGE"),
            id="a place that fits others' too",
        ),
    ],
)  # fmt: skip
def test_a_value_that_means_nothing_is_refused_by_its_name(
    value: str, why: str, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names:
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(UserError, match=why) as refused:
                read_settings()
        assert refused.value.where == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("AKRIM_ALERT_MAIL", '["one", "two"]'),
        ("AKRIM_NOTIFY", '{"name": ["one", "two"]}'),
        ("AKRIM_CENTRE_DATABASE_URLS", '{"name": "one"}'),
    ],
)
def test_what_is_no_json_is_refused_with_its_own_form(
    name: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "no json")
    with pytest.raises(UserError, match=re.escape(f"such as '{shown}'")):
        read_settings()


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://akrim:geh%zz@host/akrim",
        "postgresql://akrim:geh eim@host/akrim",
        "postgresql://akrim:geh@eim@host/akrim",
        "postgresql://akrim:geh@host/akrim?eim=geh",
        "postgresql://akrim:geh/eim@host/akrim",
    ],
)
def test_an_address_that_libpq_reads_otherwise_is_refused_with_none_of_it(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKRIM_DATABASE_URL", address)
    with pytest.raises(UserError, match="no address of a PostgreSQL") as refused:
        read_settings()
    assert "geh" not in str(refused.value)
    assert "eim" not in str(refused.value)


def test_an_address_with_every_sign_written_as_libpq_wants_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql://akrim:g%40h%25%20%2F@[::1]:5432/akrim?sslmode=verify-full&host=/run/pg"
    monkeypatch.setenv("AKRIM_DATABASE_URL", address)
    assert read_settings().database_url == address


@pytest.mark.parametrize(
    ("make", "told"),
    [
        # As a container makes one of a file to mount that is not there; these three were read as no settings at all.
        pytest.param(Path.mkdir, "no file", id="folder"),
        pytest.param(os.mkfifo, "no file", id="pipe"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "no file", id="device"),
        pytest.param(lambda path: path.write_bytes(b"#" * (MAX_BYTES + 1)), "larger than", id="of any size"),
    ],
)
def test_what_is_no_file_in_place_of_the_settings_is_told(
    make: Callable[[Path], Any], told: str, home: Path
) -> None:
    make(Path("akrim.toml"))
    with pytest.raises(UserError, match=told):
        read_settings()


@pytest.mark.parametrize("name", ["akrim.toml", "secrets/akrim_smtp_password"])
def test_a_file_of_settings_that_may_not_be_read_is_named(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret's was told as a variable that is no JSON, akrim.toml as no TOML."""
    shut = Path(name).absolute()
    shut.parent.mkdir(exist_ok=True)
    shut.write_text("")
    monkeypatch.setitem(Settings.model_config, "secrets_dir", shut.parent if "/" in name else None)
    opened = io.open

    def denied(path: Any, *arguments: Any, **named: Any) -> Any:  # root reads whatever the mode says
        if str(path).endswith(name):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *arguments, **named)

    monkeypatch.setattr(io, "open", denied)  # by which a Path is opened
    with pytest.raises(UserError, match="Permission denied") as told:
        read_settings()
    assert told.value.where.endswith(name)
    assert told.value.next_step == "Let the user that runs this read it."


def test_a_secret_that_is_no_text_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was told as a variable that is no JSON."""
    (tmp_path / "akrim_smtp_password").write_bytes("blåbær".encode("latin-1"))
    monkeypatch.setitem(Settings.model_config, "secrets_dir", tmp_path)
    with pytest.raises(UserError, match="no text in UTF-8") as told:
        read_settings()
    assert told.value.where == "the secret's file akrim_smtp_password"
