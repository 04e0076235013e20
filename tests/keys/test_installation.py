"""The installation's key is one, secret and kept, and each release's own comes from it."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.keys import check_form_key, form_key, give_form_keys
from akrim.keys.installation import DEMO_MARK

from tests.conftest import configure

RELEASE = "2026-T1.1"


@pytest.fixture
def production(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    return home / "keys"


def test_the_key_is_made_once_for_its_owner_alone_and_each_release_has_its_own(production: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(form_key, [RELEASE] * 32))
    assert len(found) == 1
    assert stat.S_IMODE((production / "forms.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(production.stat().st_mode) == 0o700
    assert [path.name for path in production.iterdir()] == ["forms.key"]
    assert form_key("2026-T1.2") not in found
    assert DEMO_MARK not in (production / "forms.key").read_text()


def test_two_installations_share_a_key_with_synthetic_data_and_never_in_production(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for mode in ("synthetic", "production"):
        for name in ("one", "other"):
            configure(monkeypatch, AKRIM_HOME=str(tmp_path / mode / name), AKRIM_DATA_MODE=mode)
            found.append(form_key(RELEASE))
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_production_refuses_the_demo_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form_key(RELEASE)
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    with pytest.raises(UserError, match="demo key"):
        form_key(RELEASE)


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"0" * 63, b"\xff" * 64, b"g" * 64])
def test_a_damaged_key_is_told_and_never_replaced(production: Path, content: bytes) -> None:
    production.mkdir(parents=True)
    (production / "forms.key").write_bytes(content)
    with pytest.raises(UserError, match="empty or damaged"):
        form_key(RELEASE)
    assert (production / "forms.key").read_bytes() == content


@pytest.mark.parametrize(
    "leave", [lambda path: path.mkdir(), lambda path: path.symlink_to("unmounted/forms.key")]
)
def test_a_key_that_is_no_file_any_more_is_lost_and_not_made_anew(
    leave: Callable[[Path], None], production: Path
) -> None:
    production.mkdir(parents=True)
    leave(production / "forms.key")
    for ask in (check_form_key, lambda: form_key(RELEASE)):
        with pytest.raises(UserError, match="empty or damaged, or was lost"):
            ask()


def test_a_key_that_was_given_counts_for_its_release_alone(production: Path) -> None:
    own = form_key(RELEASE)
    give_form_keys(production, {RELEASE: "ab" * 32})
    assert form_key(RELEASE) == bytes.fromhex("ab" * 32) != own
    assert form_key("2026-T1.2") != bytes.fromhex("ab" * 32)
    assert stat.S_IMODE((production / "forms" / f"{RELEASE}.key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("release_id", "key"),
    [
        ("../../x", "ab" * 32),
        ("2026-T1.1/../x", "ab" * 32),
        (RELEASE, "ab"),
        (RELEASE, "AB" * 32),
        (RELEASE, ""),
    ],
)
def test_pins_that_name_something_else_are_refused(production: Path, release_id: str, key: str) -> None:
    with pytest.raises(UserError, match="that is none"):
        give_form_keys(production, {release_id: key})
    assert list((production / "forms").iterdir()) == []
