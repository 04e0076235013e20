"""The list before it is read: who stands where by intention and capacity, as a drawing."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from math import sqrt
from typing import Any

from akrim.report.agenda import Entry
from akrim.report.blocks import Block, Heading, Paragraph
from akrim.report.drawings import draw
from akrim.report.lists.ranking import NEWEST
from akrim.report.registry import Material

# The plot's edges in a drawing of 800 across; above it each status has a line of its own for its name.
LEFT, RIGHT, BELOW_NAMES, HEIGHT = 44, 790, 24, 190
NAME_HEIGHT = 15
# Nothing lies on the axis itself.
ABOVE_AXIS = 14
TICKS = (0, 5, 10, 20, 35, 60, 100, 150, 200, 300, 400)
KINDS = ("dot-new", "dot-moved", "dot")
# What a number and a dot take of the drawing, from the middle to the edge.
DIGIT_WIDTH, NUMBER_REACH, DOT_REACH = 6.2, 4.5, 5
# Where a number may stand: how far its middle is from its dot's, in dots and numbers across and down, the best first.
PLACES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))

# Left, upper, right and lower edge.
Box = tuple[float, float, float, float]
Point = tuple[float, float]


def plot(material: Material) -> Sequence[Block]:
    """Intention by capacity with the thresholds of each proposed status; nothing where nobody stands on the list."""
    words = material.words
    standing = [entry for entry in material.ranking if not entry["is_dismissed"]]
    if not standing:
        return ()
    points = [(entry["order"]["intention"], entry["order"]["capacity"]) for entry in standing]
    scale = _Scale(max(x for x, _ in points), max(y for _, y in points), material.reference.thresholds)
    regions = list(_regions(material, scale))
    dots = [_dot(entry, scale) for entry in standing]
    _number(dots, scale, chain.from_iterable(pairwise(region["corners"]) for region in regions))
    drawn = {dot["kind"] for dot in dots}
    new = sum(dot["kind"] == "dot-new" for dot in dots)
    alt = words("plot_alt", listed=len(standing), new=new, highest=standing[0]["name"])
    return (
        Heading(words("plot")),
        draw(
            "scatter",
            alt=alt,
            legend=[(kind, words(f"legend_{kind}")) for kind in KINDS if kind in drawn],
            height=scale.bottom + 36,
            left=LEFT,
            right=RIGHT,
            top=scale.top,
            bottom=scale.bottom,
            across=[{"at": scale.x(tick), "label": tick} for tick in TICKS if tick <= scale.width],
            up=[{"at": scale.y(tick), "label": tick} for tick in TICKS if tick <= scale.height],
            x_title=words("plot_intention"),
            y_title=words("plot_capacity"),
            regions=regions,
            dots=dots[::-1],
        ),
        Paragraph(words("plot_note"), "note"),
    )


class _Scale:
    """Points to places in the drawing, by the square root: most have few points, and those are told apart."""

    def __init__(self, widest: int, highest: int, thresholds: Iterable[dict[str, Any]]) -> None:
        limits = list(thresholds)
        self.width = 1.1 * max([widest, 10, *(row["minimum_intention_points"] for row in limits)])
        self.height = 1.2 * max([highest, 5, *(row["minimum_capacity_points"] for row in limits)])
        self.top = BELOW_NAMES + NAME_HEIGHT * len({row["proposed_status"] for row in limits})
        self.bottom = self.top + HEIGHT

    def x(self, points: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * sqrt(points / self.width), 1)

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
    taken = [_box(*(sorted(of) for of in zip(start, end, strict=True))) for start, end in lines]
    taken += [_around(dot["x"], dot["y"], DOT_REACH, DOT_REACH) for dot in dots]
    for dot in dots:
        reach = DIGIT_WIDTH * len(dot["label"]) / 2
        places = (
            (dot["x"] + across * (DOT_REACH + 2 + reach), dot["y"] + down * (DOT_REACH + 1 + NUMBER_REACH))
            for across, down in PLACES
        )
        free = (
            (x, y)
            for x, y in places
            if _is_free(_around(x, y, reach, NUMBER_REACH), taken) and scale.top < y < scale.bottom
        )
        at = next(free, None)
        if at is None:
            dot["label"] = ""
        else:
            dot["label_x"], dot["label_y"] = (round(place, 1) for place in at)
            taken.append(_around(*at, reach, NUMBER_REACH))


def _box(across: Sequence[float], down: Sequence[float]) -> Box:
    return across[0], down[0], across[1], down[1]


def _around(x: float, y: float, across: float, down: float) -> Box:
    return x - across, y - down, x + across, y + down


def _is_free(box: Box, taken: Iterable[Box]) -> bool:
    left, upper, right, lower = box
    return not any(
        left < of_right and of_left < right and upper < of_lower and of_upper < lower
        for of_left, of_upper, of_right, of_lower in taken
    )


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
        corners.append((steps[-1][0], scale.bottom) if takes_none else (RIGHT, steps[-1][1]))
        yield {
            "corners": corners,
            "name_at": top + NAME_HEIGHT - 4,
            "label": material.words.label("status", status),
        }
