"""The seal of a decision form: it fits what it was made for and nothing else, and its key is one, secret and kept."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from akrim.deliveries.decisions import check_form_key, form_key, give_form_keys, seal_of
from akrim.deliveries.decisions.seal import DEMO_MARK, fits, is_of_form
from akrim.errors import UserError
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import configure
from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, fill_in, make_form

RELEASE = "2026-T1.1"
PARTS = st.tuples(*(st.text(max_size=8) for _ in range(4)))
KEY = b"k" * 32


@pytest.fixture
def production(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    return home / "keys"


@given(PARTS, PARTS)
def test_it_fits_what_it_was_made_for_and_nothing_else(
    made: tuple[str, str, str, str], asked: tuple[str, str, str, str]
) -> None:
    seal = seal_of(KEY, *made)
    assert fits(seal, KEY, *made)
    assert fits(seal, KEY, *asked) == (made == asked)
    assert is_of_form(seal, KEY, *asked[:2]) == (made[:2] == asked[:2])
    assert not fits(seal, b"j" * 32, *made)
    assert not is_of_form(seal, b"j" * 32, *made[:2])


@given(st.text(min_size=1, max_size=4), st.text(max_size=4), st.text(max_size=4))
def test_letters_that_move_from_one_part_to_the_next_break_it(moved: str, before: str, after: str) -> None:
    seal = seal_of(KEY, RELEASE, "oslo", before + moved, after)
    assert not fits(seal, KEY, RELEASE, "oslo", before, moved + after)


SHOWN = ("1", "Kari Testesen", "12.03.1980", "10", "", "")


def test_what_a_row_shows_is_sealed_and_may_be_left_out_but_not_changed() -> None:
    row = (RELEASE, "oslo", "d", "p")
    seal = seal_of(KEY, *row, shown=SHOWN)
    assert fits(seal, KEY, *row, shown=SHOWN)
    assert fits(seal, KEY, *row, shown=("1", " Kari\u00a0 Testesen", *SHOWN[2:]))
    assert fits(seal, KEY, *row), "the form came back without these columns"
    for place in range(len(SHOWN)):
        assert not fits(seal, KEY, *row, shown=(*SHOWN[:place], "x", *SHOWN[place + 1 :]))
    assert not fits(seal, KEY, *row, shown=("",) * len(SHOWN))
    assert not fits(seal[:64], KEY, *row, shown=SHOWN), "cut, it is not that of an earlier program"
    assert not fits(seal[:64], KEY, *row, shown=("2", *SHOWN[1:]))
    assert fits(seal_of(KEY, *row), KEY, *row, shown=SHOWN), "a form of an earlier program"


@given(st.text())
def test_no_text_that_stands_there_instead_fits(text: str) -> None:
    assert not fits(text, KEY, RELEASE, "oslo", "d", "p")
    assert not is_of_form(text, KEY, RELEASE, "oslo")


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


def test_a_damaged_key_is_told_where_a_form_comes_back_and_refuses_none(
    receiver: Receiver, published: Callable[[], None], home: Path
) -> None:
    published()
    (receiver.inbox / "sentrene").mkdir()
    fill_in(make_form(), receiver.inbox / "sentrene" / "oslo.xlsx", DECISION)
    key = home / "keys" / "forms.key"
    sound = key.read_bytes()
    key.write_bytes(b"")
    with pytest.raises(UserError, match="empty or damaged") as error:
        receiver(agency="sentrene")
    assert str(key) in str(error.value)
    assert receiver.rows("select 1 from meta.deliveries") == []
    key.write_bytes(sound)
    assert [outcome.status for outcome in receiver(agency="sentrene")] == ["accepted"]


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
