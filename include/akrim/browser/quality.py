"""The page of quality: how right the linkage is and how far it drifts, for all and by subgroup, what is set aside, and how old data are."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request, Response

from akrim import insight
from akrim.browser.access import Reader, Right, may
from akrim.browser.charts import Chart, Point, chart, least_and_greatest
from akrim.browser.listing import Row
from akrim.browser.rendering import language_of, show
from akrim.linkage.quality import Figure, read_course
from akrim.report import Words, name_of_subgroup
from akrim.rules import stale_after_days

router = APIRouter()
SeesQuality = Annotated[Reader, Depends(may(Right.DELIVERIES))]
RELEASES_SHOWN = 12
PERIODS_SHOWN = 12
MEASURES = ("recall_held_out", "precision_held_out", "parked", "match_weight", "match_weight_since_base")
# Of these each subgroup has its own figure.
BY_SUBGROUP = ("recall_held_out", "precision_held_out")
# Not a share, but an index from 0, of which a release is held that has too much (releases/limits.yml); drawn up to 0.3 at least.
INDICES = {"match_weight", "match_weight_since_base"}
MOST_INDEX = 0.3


class Measured(NamedTuple):
    """A measure as it is drawn."""

    measure: str
    is_index: bool
    chart: Chart


class Age(NamedTuple):
    """Of an agency: until when its newest facts are, its limit, how many extracts are too old, and the newest's and oldest's age at the end."""

    agency: str
    newest: date | None
    youngest: int | None
    oldest: int | None
    limit: int | None
    stale: int


@router.get("/quality")
def quality(request: Request, reader: SeesQuality) -> Response:
    """Charts, and below each the same in figures."""
    course = read_course(RELEASES_SHOWN)
    periods, _ = insight.periods_and_agencies()
    shown = periods[:PERIODS_SHOWN][::-1]
    deliveries = [row for row in insight.list_deliveries_of(shown) if row["delivery_id"]]
    agencies = sorted({row["agency"] for row in deliveries})
    ages = [_age(deliveries, agency) for agency in agencies]
    days = [number for age in ages for number in (age.oldest, age.limit) if number]
    return show(
        request,
        reader,
        "quality.html.j2",
        charts=[found for measure in MEASURES if (found := _measured(course, measure))],
        subgroups=[
            (measure, _by_subgroup(course, measure, Words(language_of(request)))) for measure in BY_SUBGROUP
        ],
        set_aside=_set_aside(deliveries, agencies, shown),
        ages=ages,
        most_days=max(days, default=1),
    )


def _points(course: Sequence[Row], measure: str, subgroup: str) -> list[Point]:
    known = [(row["release_id"], row["figures"].get((measure, subgroup))) for row in course]
    return [_point(name, figure) for name, figure in known if figure and figure.estimate is not None]


def _point(name: str, figure: Figure) -> Point:
    value = figure.estimate or 0.0
    low, high = (value if end is None else end for end in (figure.low, figure.high))
    return Point(name, value, low, high)


def _measured(course: Sequence[Row], measure: str) -> Measured | None:
    points = _points(course, measure, "all")
    if not points:
        return None
    least, greatest = least_and_greatest(points)
    is_index = measure in INDICES
    ends = (0.0, max(greatest, MOST_INDEX)) if is_index else (least, greatest)
    return Measured(measure, is_index, chart(points, *ends))


def _by_subgroup(course: Sequence[Row], measure: str, words: Words) -> list[tuple[str, Chart]]:
    """A chart of each subgroup, all on the same axes, so that they can be compared."""
    named = {key[1] for row in course for key in row["figures"] if key[0] == measure and "/" in key[1]}
    found = {name: points for name in sorted(named) if (points := _points(course, measure, name))}
    if not found:
        return []
    ends = least_and_greatest([point for points in found.values() for point in points])
    releases = [row["release_id"] for row in course]
    return [(name_of_subgroup(name, words), chart(points, *ends, releases)) for name, points in found.items()]


def _set_aside(
    deliveries: Sequence[Row], agencies: Sequence[str], periods: Sequence[str]
) -> list[tuple[str, Chart, Mapping[str, int]]]:
    """Of each agency which part of its rows was set aside over the periods, all on the same axes; and how many rows."""
    shares: dict[str, list[Point]] = {}
    counted: dict[str, dict[str, int]] = {}
    for agency in agencies:
        for period in periods:
            share, rows = _share(deliveries, agency, period)
            if share is not None:
                shares.setdefault(agency, []).append(Point(period, share, share, share))
                counted.setdefault(agency, {})[period] = rows
    if not shares:
        return []
    _, most = least_and_greatest([point for points in shares.values() for point in points])
    return [
        (agency, chart(points, 0.0, max(most, 0.01), periods), counted[agency])
        for agency, points in shares.items()
    ]


def _share(deliveries: Sequence[Row], agency: str, period: str) -> tuple[float | None, int]:
    """Which part of the rows that the agency sent for the period were set aside, of all accepted deliveries; and how many."""
    of_both = [
        row
        for row in deliveries
        if (row["agency"], row["period"], row["status"]) == (agency, period, "accepted")
    ]
    declared, aside = (sum(row[name] for row in of_both) for name in ("declared", "set_aside"))
    return (aside / declared if declared else None), aside


def _age(deliveries: Sequence[Row], agency: str) -> Age:
    """As the agency's newest accepted delivery has it; of append-only extracts nothing is known."""
    accepted = [row for row in deliveries if row["agency"] == agency and row["status"] == "accepted"]
    extracts = accepted[-1]["compared"] if accepted else []
    days = [extract["days_old"] for extract in extracts if extract["days_old"] is not None]
    facts = [extract["as_of"] for row in accepted for extract in row["compared"] if extract["as_of"]]
    return Age(
        agency,
        max(facts, default=None),
        max(min(days), 0) if days else None,
        max(0, *days) if days else None,
        stale_after_days().get(agency),
        sum(extract["is_stale"] for extract in extracts),
    )
