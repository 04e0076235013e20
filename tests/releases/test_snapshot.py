"""What a part tells beside the centre's rows: how well the linkage does, by agency."""

from akrim.contracts import NATIONAL
from akrim.ledger import Pins
from akrim.linkage.quality import Figure
from akrim.periods import Period
from akrim.releases.snapshot import told_quality
from akrim.sharing import ASSESSMENT, classified

SUBGROUPS = ("all", "source/brreg", "source/nav", "source", "name", "name/rare")
FIGURES = [Figure("recall_held_out", subgroup, 0.9, 0.8, 1.0, 30, "") for subgroup in SUBGROUPS]


def test_of_an_agency_of_which_a_centre_is_told_nothing_no_figure_of_its_records_is_either() -> None:
    """Nor the gap between agencies, which it is part of. Of the assessment's own, what is not used is told nobody."""
    of_nav = dict.fromkeys((data for data in classified() if data.startswith("nav.")), "nothing")
    one = next(iter(of_nav))
    withheld = {
        "oslo": of_nav,
        "bergen": of_nav | {one: "hit"},
        "bodo": {data: told for data, told in of_nav.items() if data != one},
        ASSESSMENT: {one: "nothing"},
    }
    pins = Pins("2026-T1.1", Period.parse("2026-T1"), True, None, {"withheld": withheld}, "f")

    def told(recipient: str) -> list[str]:
        return [figure.subgroup for figure in told_quality(FIGURES, pins, recipient)]

    without = ["all", "source/brreg", "name", "name/rare"]
    expected = {"oslo": without, "bodo": without, "alta": [*SUBGROUPS], NATIONAL: [*SUBGROUPS]}
    assert {recipient: told(recipient) for recipient in expected} == expected
    withheld[ASSESSMENT] = {}
    assert told("bergen") == told("bodo") == [*SUBGROUPS], "it is told something"
