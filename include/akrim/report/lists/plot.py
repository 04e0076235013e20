"""The list before it is read: who stands where by intention and capacity, as a drawing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, pairwise
from math import sqrt
from typing import Any

from akrim.report.blocks import Block, Drawing, Heading, Paragraph
from akrim.report.drawings import draw
from akrim.report.drawings.room import Box, Room, around
from akrim.report.lists.agenda import Entry
from akrim.report.lists.ranking import NEWEST
from akrim.report.material import Material

# How far across the drawing goes, and on a narrow screen.
WIDE, NARROW = 800, 350
# The plot's edges; above it each status has a line of its own for its name.
LEFT, RIGHT_MARGIN, BELOW_NAMES, HEIGHT = 44, 10, 24, 190
NAME_HEIGHT = 15
# Nothing lies on the axis itself.
ABOVE_AXIS = 14
TICKS = (0, 5, 10, 20, 35, 60, 100, 150, 200, 300, 400)
TICK_ROOM = 24
KINDS = ("dot-new", "dot-moved", "dot")
# What a number and a dot take of the drawing, from the middle to the edge.
DIGIT_WIDTH, NUMBER_REACH, DOT_REACH = 6.2, 4.5, 5
# Where a number may stand: how far its middle is from its dot's, in dots and numbers across and down, the best first.
PLACES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))

Point = tuple[float, float]


def plot(material: Material) -> Sequence[Block]:
    """Intention by capacity with the thresholds of each proposed status; nothing where nobody stands on the list."""
    words = material.words
    standing = material.standing
    if not standing:
        return ()
    drawing = replace(_drawn(standing, material, WIDE), narrow=_drawn(standing, material, NARROW).svg)
    return Heading(words("plot")), drawing, Paragraph(words("plot_note"), "note")


def _drawn(standing: Sequence[Entry], material: Material, across: int) -> Drawing:
    """The plot that many units wide."""
    words = material.words
    scale = _Scale(standing, material, across)
    regions = list(_regions(material, scale))
    dots = [_dot(entry, scale) for entry in standing]
    _number(dots, scale, chain.from_iterable(pairwise(region["corners"]) for region in regions))
    drawn = {dot["kind"] for dot in dots}
    new = sum(dot["kind"] == "dot-new" for dot in dots)
    return draw(
        "scatter",
        alt=words("plot_alt", listed=len(standing), new=new, highest=standing[0]["name"]),
        legend=[(kind, words(f"legend_{kind}")) for kind in KINDS if kind in drawn and material.compared[0]],
        width=across,
        height=scale.bottom + 36,
        left=LEFT,
        right=scale.right,
        top=scale.top,
        bottom=scale.bottom,
        across=[{"at": scale.x(tick), "label": tick} for tick in scale.ticks()],
        up=[{"at": scale.y(tick), "label": tick} for tick in TICKS if tick <= scale.height],
        x_title=words("plot_intention"),
        y_title=words("plot_capacity"),
        regions=regions,
        dots=dots[::-1],
    )


class _Scale:
    """Points to places in the drawing, by the square root: most have few points, and those are told apart."""

    def __init__(self, standing: Sequence[Entry], material: Material, across: int) -> None:
        limits = material.reference.thresholds
        orders = [entry["order"] for entry in standing]
        self.right = across - RIGHT_MARGIN
        self.width = max(
            1.1 * max(10, *(order["intention"] for order in orders)),
            *(self._width_for(row, material) for row in limits),
        )
        highest = max(order["capacity"] for order in orders)
        self.height = 1.2 * max(highest, 5, *(row["minimum_capacity_points"] for row in limits))
        self.top = BELOW_NAMES + NAME_HEIGHT * len({row["proposed_status"] for row in limits})
        self.bottom = self.top + HEIGHT

    def _width_for(self, threshold: dict[str, Any], material: Material) -> float:
        """The points that the plot has to reach so that the status's name finds room to the right of its line."""
        name = DIGIT_WIDTH * len(material.words.label("status", threshold["proposed_status"])) + DOT_REACH
        return float(threshold["minimum_intention_points"] / (1 - name / (self.right - LEFT)) ** 2)

    def ticks(self) -> list[int]:
        """The points named below the axis: those that stand far enough apart."""
        ticks: list[int] = []
        for tick in TICKS:
            if tick <= self.width and (not ticks or self.x(tick) - self.x(ticks[-1]) > TICK_ROOM):
                ticks.append(tick)
        return ticks

    def x(self, points: float) -> float:
        return round(LEFT + (self.right - LEFT) * sqrt(points / self.width), 1)

    def y(self, points: float) -> float:
        return round(self.bottom - ABOVE_AXIS - (HEIGHT - ABOVE_AXIS) * sqrt(points / self.height), 1)


def _dot(entry: Entry, scale: _Scale) -> dict[str, Any]:
    order = entry["order"]
    return {
        "kind": "dot-new" if order["move"] == NEWEST else "dot-moved" if order["move"] else "dot",
        "x": scale.x(order["intention"]),
        "y": scale.y(order["capacity"]),
        "text": f"{entry['rank']} {entry['name']}: {entry['intention']} / {entry['capacity']}",
        "label": entry["rank"],
    }


def _number(dots: Sequence[dict[str, Any]], scale: _Scale, lines: Iterable[tuple[Point, Point]]) -> None:
    """Place each number beside its dot where it lies over no line, dot or number of a higher place; leave it out where there is no room."""
    room = Room(_box(*(sorted(of) for of in zip(start, end, strict=True))) for start, end in lines)
    for dot in dots:
        room.take(around(dot["x"], dot["y"], DOT_REACH, DOT_REACH))
    for dot in dots:
        reach = DIGIT_WIDTH * len(dot["label"]) / 2
        places = (
            (dot["x"] + across * (DOT_REACH + 2 + reach), dot["y"] + down * (DOT_REACH + 1 + NUMBER_REACH))
            for across, down in PLACES
        )
        free = (
            (x, y)
            for x, y in places
            if room.is_free(around(x, y, reach, NUMBER_REACH)) and scale.top < y < scale.bottom
        )
        at = next(free, None)
        if at is None:
            dot["label"] = ""
        else:
            dot["label_x"], dot["label_y"] = (round(place, 1) for place in at)
            room.take(around(*at, reach, NUMBER_REACH))


def _box(across: Sequence[float], down: Sequence[float]) -> Box:
    return across[0], down[0], across[1], down[1]


def _regions(material: Material, scale: _Scale) -> Iterator[dict[str, Any]]:
    """From where on the rules propose each status, as far as points decide it: a stair where less of one may be made up by more of the other.

    A line goes up to its status's name, and the further to the right it begins, the lower its name is: no line meets a name.
    """
    by_status = groupby(material.reference.thresholds, key=lambda row: row["proposed_status"])
    stairs = [
        (
            sorted(
                (scale.x(r["minimum_intention_points"]), scale.y(r["minimum_capacity_points"])) for r in rows
            ),
            status,
        )
        for status, rows in by_status
    ]
    for place, (steps, status) in enumerate(sorted(stairs)):
        top = BELOW_NAMES + NAME_HEIGHT * place
        corners: list[Point] = [(steps[0][0], top)]
        for x, y in steps:
            corners += [(x, corners[-1][1]), (x, y)]
        # A status that takes no capacity at some point has no line below it.
        takes_none = steps[-1][1] == scale.y(0)
        corners.append((steps[-1][0], scale.bottom) if takes_none else (scale.right, steps[-1][1]))
        yield {
            "corners": corners,
            "name_at": top + NAME_HEIGHT - 4,
            "label": material.words.label("status", status),
        }
