"""What the drawing of a network is made of: boxes in three columns, arrows from persons to enterprises, and ties between two of one column."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from akrim.report.blocks import Drawing
from akrim.report.drawings import draw
from akrim.report.drawings.room import Room, around
from akrim.report.wording import Words, shortened

MAX_LABEL = 28
# The columns' left and right, of 800 across, and the height of a row and of a box.
COLUMNS = {"left": (1, 180), "enterprise": (290, 510), "person": (620, 799)}
ROW, BOX = 44, 34
# How far a tie between two of one column swings out.
SWING = 34
# Where on a line its years may stand, the best first: lines that meet at an end lie further from each other elsewhere. What a letter of
# them takes, and half a line of text.
YEARS_AT = (0.5, 0.6, 0.4, 0.68, 0.32)
LETTER, HALF_LINE = 5.7, 6.5
KINDS = ("leading", "other", "through", "beside")


class Tie(NamedTuple):
    """What ties a person to an enterprise: a leading role, another role, or `through` somebody who stands in; with its years."""

    kind: str
    years: str


class Node(NamedTuple):
    """A person or an enterprise as it is drawn."""

    kind: str
    x: float
    y: float
    width: int
    label: str
    below: str


def nodes(kind: str, column: str, labels: Sequence[tuple[str, str, str]], rows: int) -> dict[str, Node]:
    """The boxes of one column by id, spread over so many rows; of each its id, its label and what stands below that."""
    left, right = COLUMNS[column]
    return {
        name: Node(
            kind,
            left,
            round(ROW * rows * (place + 0.5) / len(labels) + 2, 1),
            right - left,
            shortened(label, MAX_LABEL),
            below,
        )
        for place, (name, label, below) in enumerate(labels)
    }


def arrow(person: Node, enterprise: Node, tie: Tie) -> dict[str, Any]:
    """An arrow from the person to the enterprise."""
    is_left = person.x < enterprise.x
    x1 = person.x + person.width if is_left else person.x
    x2 = enterprise.x if is_left else enterprise.x + enterprise.width
    return {
        "kind": tie.kind,
        "path": f"M{x1} {person.y}L{x2} {enterprise.y}",
        "arrow": {
            "x": x2 - (10 if is_left else 0),
            "y": enterprise.y - 5,
            "side": "right" if is_left else "left",
        },
        "ends": ((x1, person.y), (x2, enterprise.y)),
        "years": tie.years,
    }


def curve(one: Node, other: Node) -> dict[str, Any]:
    """A tie without direction: within a column it swings out of it, into the drawing."""
    first, last = sorted((one, other), key=lambda box: (box.x, box.y))
    if first.x == last.x:
        is_last = first.x == COLUMNS["person"][0]
        x = first.x if is_last else first.x + first.width
        out = x + (-SWING if is_last else SWING)
        path = f"M{x} {first.y}C{out} {first.y} {out} {last.y} {x} {last.y}"
    else:
        path = f"M{first.x + first.width} {first.y}L{last.x} {last.y}"
    return {"kind": "beside", "path": path}


def draw_ties(
    boxes: dict[str, Node],
    rows: int,
    arrows: list[dict[str, Any]],
    curves: Iterable[dict[str, Any]],
    alt: str,
    words: Words,
) -> Drawing:
    """The drawing, with the years of each arrow where there is room, and what its lines mean."""
    _place_years(arrows)
    lines = [*arrows, *curves]
    drawn = {line["kind"] for line in lines}
    return draw(
        "network",
        alt=alt,
        legend=[(f"tie-{kind}", words(f"legend_{kind}")) for kind in KINDS if kind in drawn],
        height=rows * ROW + 4,
        box_height=BOX,
        boxes=list(boxes.values()),
        lines=lines,
    )


def _place_years(lines: list[dict[str, Any]]) -> None:
    """Put each line's years on it where they lie over no others; where there is no room, they are told in words alone."""
    room = Room()
    for line in lines:
        ((x1, y1), (x2, y2)), reach = line["ends"], LETTER * len(line["years"]) / 2 + 1
        places = (around(x1 + at * (x2 - x1), y1 + at * (y2 - y1), reach, HALF_LINE) for at in YEARS_AT)
        free = next((box for box in places if line["years"] and room.is_free(box)), None)
        if free:
            left, top, right, _ = free
            line["label"] = {
                "x": round(left, 1),
                "y": round(top, 1),
                "width": round(right - left, 1),
                "height": 2 * HALF_LINE,
            }
            room.take(free)
