"""The page of quality: how right the linkage is and how far it drifts over the releases, what is set aside, and how old data are."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from akrim import insight
from akrim.browser.access import Reader, Right, may
from akrim.browser.listing import Row
from akrim.browser.rendering import show
from akrim.linkage.quality import read_course

router = APIRouter()
SeesQuality = Annotated[Reader, Depends(may(Right.DELIVERIES))]
RELEASES_SHOWN = 12
PERIODS_SHOWN = 6
MEASURES = ("recall_held_out", "precision_held_out", "parked", "match_weight", "match_weight_since_base")
# Not a share, but an index from 0, of which a release is held that has too much (releases/limits.yml); drawn up to 0.3 at least.
INDICES = {"match_weight", "match_weight_since_base"}
# A chart is drawn in these units; the values' own least and greatest are its foot and top.
WIDTH, HEIGHT = 300, 100


class Mark(NamedTuple):
    """A release in a chart: where its value and the ends of its interval are drawn, and the value."""

    release_id: str
    x: float
    y: float
    low: float
    high: float
    value: float


class Chart(NamedTuple):
    """A measure over the releases; least and greatest are the values at its foot and top."""

    measure: str
    is_index: bool
    marks: Sequence[Mark]
    least: float
    greatest: float


@router.get("/quality")
def quality(request: Request, reader: SeesQuality) -> Response:
    """Charts and tables of the same figures."""
    course = read_course(RELEASES_SHOWN)
    deliveries = [row for row in insight.list_deliveries() if row["delivery_id"] and row["period"]]
    periods = sorted({row["period"] for row in deliveries}, reverse=True)[:PERIODS_SHOWN][::-1]
    agencies = sorted({row["agency"] for row in deliveries})
    return show(
        request,
        reader,
        "quality.html.j2",
        charts=[chart for measure in MEASURES if (chart := _chart(course, measure)).marks],
        periods=periods,
        set_aside=[
            (agency, [_share(deliveries, agency, period) for period in periods]) for agency in agencies
        ],
        ages=[(agency, *_age(deliveries, agency)) for agency in agencies],
        height=HEIGHT,
        width=WIDTH,
    )


def _chart(course: Sequence[Row], measure: str) -> Chart:
    known = [
        (row["release_id"], row[measure])
        for row in course
        if measure in row and row[measure].estimate is not None
    ]
    if not known:
        return Chart(measure, measure in INDICES, [], 0, 1)
    ends = [
        [figure.estimate if end is None else end for end in (figure.low, figure.high)] for _, figure in known
    ]
    least, greatest = min(low for low, _ in ends), max(high for _, high in ends)
    least, greatest = (0.0, max(greatest, 0.3)) if measure in INDICES else (least, greatest)
    span = (greatest - least) or 1.0

    def drawn(value: float) -> float:
        return round(HEIGHT * (1 - (value - least) / span), 1)

    step = WIDTH / len(known)
    marks = [
        Mark(
            name,
            round(step * (place + 0.5), 1),
            drawn(figure.estimate),
            drawn(low),
            drawn(high),
            figure.estimate,
        )
        for place, ((name, figure), (low, high)) in enumerate(zip(known, ends, strict=True))
    ]
    return Chart(measure, measure in INDICES, marks, least, greatest)


def _share(deliveries: Sequence[Row], agency: str, period: str) -> tuple[float | None, int]:
    """Which part of the rows that the agency sent for the period were set aside, of all accepted deliveries; and how many."""
    of_both = [
        row
        for row in deliveries
        if (row["agency"], row["period"], row["status"]) == (agency, period, "accepted")
    ]
    declared, aside = (sum(row[name] for row in of_both) for name in ("declared", "set_aside"))
    return (aside / declared if declared else None), aside


def _age(deliveries: Sequence[Row], agency: str) -> tuple[date | None, int]:
    """The newest day that the agency has told facts of, and how many of its extracts are stale in its newest accepted delivery."""
    accepted = [row for row in deliveries if row["agency"] == agency and row["status"] == "accepted"]
    days = [extract["as_of"] for row in accepted for extract in row["compared"] if extract["as_of"]]
    stale = sum(extract["is_stale"] for extract in accepted[-1]["compared"]) if accepted else 0
    return max(days, default=None), stale
