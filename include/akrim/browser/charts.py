"""Charts of figures over releases or periods: where marks, axes and their labels lie, in the units that charts.html.j2 draws in."""

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

# The room of the marks; the labels stand around it.
WIDTH, HEIGHT = 300, 120
# So many labels stand side by side below a chart.
MOST_LABELS = 4
STEPS = (1, 2, 5, 10)


class Point(NamedTuple):
    """A figure with the ends of its interval, which may be the figure itself, and where on the axis it belongs."""

    label: str
    value: float
    low: float
    high: float


class Mark(NamedTuple):
    """A point as it is drawn."""

    x: float
    y: float
    low: float
    high: float
    point: Point


class Tick(NamedTuple):
    """A label of an axis: where it stands, and what it says."""

    at: float
    said: float | str


class Chart(NamedTuple):
    """A series as it is drawn; `rows` are the value axis's labels, `columns` those below."""

    marks: Sequence[Mark]
    rows: Sequence[Tick]
    columns: Sequence[Tick]


def least_and_greatest(points: Sequence[Point]) -> tuple[float, float]:
    """The ends of an axis on which all of these lie."""
    return min(point.low for point in points), max(point.high for point in points)


def chart(points: Sequence[Point], least: float, greatest: float, labels: Sequence[str] = ()) -> Chart:
    """The points from left to right on a value axis that has at least these ends.

    Args:
        labels: all that the other axis has, where some points are missing; those of the points otherwise.
    """
    ticks = _ticks(least, greatest)
    foot, top = ticks[0], ticks[-1]
    columns = list(labels) or [point.label for point in points]
    step = WIDTH / len(columns)

    def across(label: str) -> float:
        return round(step * (columns.index(label) + 0.5), 1)

    def up(value: float) -> float:
        return round(HEIGHT * (1 - (value - foot) / (top - foot)), 1)

    marks = [Mark(across(p.label), up(p.value), up(p.low), up(p.high), p) for p in points]
    every = -(-len(columns) // MOST_LABELS)
    named = [name for place, name in enumerate(reversed(columns)) if place % every == 0][::-1]
    return Chart(
        marks, [Tick(up(tick), tick) for tick in ticks], [Tick(across(name), name) for name in named]
    )


def _ticks(least: float, greatest: float) -> list[float]:
    """Round numbers at equal distances, about four, that reach from at or below the least to at or above the greatest."""
    span = (greatest - least) or abs(greatest) / 10 or 1.0
    rough = span / 3
    size = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else 1.0
    while size > rough:
        size /= 10
    step = next(size * factor for factor in STEPS if size * factor >= rough)
    first = floor(least / step + 1e-9)
    ticks = [first * step]
    while ticks[-1] < greatest - step * 1e-9 or len(ticks) < 2:
        ticks.append(ticks[0] + len(ticks) * step)
    return [round(tick, 10) for tick in ticks]
