"""A decision form goes through the same bounded reader as every workbook from outside."""

import resource

from tests.deliveries.conftest import Receiver
from tests.deliveries.readers.workbooks import BOMBS, CORNER, write_workbook


def test_forms_beyond_bounds_are_refused_one_by_one(receiver: Receiver) -> None:
    folder = receiver.inbox / "sentrene"
    folder.mkdir()
    for number, parts in enumerate([*BOMBS.values(), {"sheet_part": CORNER}]):
        write_workbook(folder / f"{number}.xlsx", **parts)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes = receiver(agency="sentrene")
    assert [outcome.code for outcome in outcomes] == ["unreadable_file"] * (len(BOMBS) + 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
