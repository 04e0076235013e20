"""Notices of which only some were written when whoever wrote them was killed: the next that sends writes and sends the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from akrim.ledger.listing import list_releases
from akrim.releases import recall
from akrim.sending import deliver, writing
from akrim.trust import Refused
from akrim.trust.keyring import statements
from akrim.trust.verification import Check, verify

from tests.sending.outboxes import DAY, NAME, enter, keys_of, opened, outbox_files
from tests.trust.conftest import CENTRES, SECOND, make_release

NEXT = "2026-T1.2"


def _recalled(_: Path, __: str) -> None:
    recall(SECOND, "Kari Vakt", "Feil periode.")


def _superseded(installation: Path, warehouse: str) -> None:
    make_release(installation, NEXT, 3)
    enter(warehouse, NEXT, 3)
    deliver()


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """Kill whoever writes that statement, before it is signed."""
    sign, written = statements.sign, []

    def strike(*arguments: Any) -> None:
        written.append(arguments)
        if len(written) == number:
            raise KeyboardInterrupt
        sign(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "sign", strike)
        yield


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize(
    ("kind", "act", "status"),
    [("recall", _recalled, "recalled"), ("supersession", _superseded, "superseded")],
)
def test_notices_that_were_cut_short_reach_every_centre(
    kind: str, act: Callable[[Path, str], None], status: str, number: int, installation: Path, warehouse: str
) -> None:
    deliver()
    copies = {centre: opened(installation, centre) for centre in CENTRES}
    with killed_at(number), pytest.raises(KeyboardInterrupt):
        act(installation, warehouse)
    assert deliver().failed == {}
    assert {row["release_id"]: row["status"] for row in list_releases()}[SECOND] == status
    for centre, copy in copies.items():
        listening = Check(keys_of(installation, centre), DAY, (installation / "outbox" / centre,))
        with pytest.raises(Refused, match=f"{status}|{kind}"):
            verify(copy, listening)
    assert (kind == "recall") != any(name.endswith(NAME) for name in outbox_files(installation))


def test_nothing_is_left_of_a_part_that_was_cut_short_and_then_recalled(installation: Path) -> None:
    """Half of what is sealed lay there without its name: nobody is sent the whole any more."""

    def half(source: IO[bytes], target: IO[bytes], _: int) -> None:
        target.write(source.read(100))
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing.shutil, "copyfileobj", half)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    recall(SECOND, "Kari Vakt", "Feil periode.")
    deliver()
    assert not [name for name in outbox_files(installation) if SECOND in name and "recall" not in name]
