"""The seal of a decision form: it fits what it was made for and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from akrim.deliveries.decisions import seal_of
from akrim.deliveries.decisions.seal import fits, is_of_form
from akrim.errors import UserError
from hypothesis import given
from hypothesis import strategies as st

from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, fill_in, make_form

RELEASE = "2026-T1.1"
PARTS = st.tuples(*(st.text(max_size=8) for _ in range(4)))
KEY = b"k" * 32


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
