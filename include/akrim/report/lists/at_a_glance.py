"""The list before it is read: who stands where by intention and capacity, and in which municipalities and industries."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import sqrt
from typing import Any

from akrim.report.agenda import Entry
from akrim.report.blocks import Block, Column, Columns, Heading, Paragraph, Table
from akrim.report.drawings import draw
from akrim.report.lists.ranking import NEWEST
from akrim.report.registry import Material
from akrim.report.wording import Words, clean

# The plot's edges in a drawing of 800 across.
LEFT, RIGHT, TOP, BOTTOM = 44, 790, 24, 264
# Nothing lies on the axis itself.
ABOVE_AXIS = 14
TICKS = (0, 5, 10, 20, 35, 60, 100, 150, 200, 300, 400)
# A number is left out where it would lie over another of a higher place.
NUMBER_WIDTH, NUMBER_HEIGHT = 22, 11
MAX_BARS = 8
KINDS = ("dot-new", "dot-moved", "dot")


def plot(material: Material) -> Sequence[Block]:
    """Intention by capacity with the thresholds of each proposed status; nothing where nobody stands on the list."""
    words = material.words
    standing = [entry for entry in material.ranking if not entry["is_dismissed"]]
    if not standing:
        return ()
    points = [(entry["order"]["intention"], entry["order"]["capacity"]) for entry in standing]
    scale = _Scale(max(x for x, _ in points), max(y for _, y in points), material.reference.thresholds)
    dots = [_dot(entry, scale) for entry in standing]
    _number(dots)
    drawn = {dot["kind"] for dot in dots}
    new = sum(dot["kind"] == "dot-new" for dot in dots)
    alt = words("plot_alt", listed=len(standing), new=new, highest=standing[0]["name"])
    return (
        Heading(words("plot")),
        draw(
            "scatter",
            alt=alt,
            legend=[(kind, words(f"legend_{kind}")) for kind in KINDS if kind in drawn],
            height=BOTTOM + 36,
            left=LEFT,
            right=RIGHT,
            top=TOP,
            bottom=BOTTOM,
            across=[{"at": scale.x(tick), "label": tick} for tick in TICKS if tick <= scale.width],
            up=[{"at": scale.y(tick), "label": tick} for tick in TICKS if tick <= scale.height],
            x_title=words("plot_intention"),
            y_title=words("plot_capacity"),
            regions=list(_regions(material, scale)),
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

    def x(self, points: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * sqrt(points / self.width), 1)

    def y(self, points: float) -> float:
        return round(BOTTOM - ABOVE_AXIS - (BOTTOM - ABOVE_AXIS - TOP) * sqrt(points / self.height), 1)


def _dot(entry: Entry, scale: _Scale) -> dict[str, Any]:
    order = entry["order"]
    return {
        "kind": "dot-new" if order["move"] == NEWEST else "dot-moved" if order["move"] else "dot",
        "x": scale.x(order["intention"]),
        "y": scale.y(order["capacity"]),
        "text": f"{entry['rank']} {entry['name']}: {entry['intention']} / {entry['capacity']}",
        "label": entry["rank"],
    }


def _number(dots: list[dict[str, Any]]) -> None:
    """Take away the numbers that would lie over others."""
    shown: list[dict[str, Any]] = []
    for dot in dots:
        if any(
            abs(dot["x"] - other["x"]) < NUMBER_WIDTH and abs(dot["y"] - other["y"]) < NUMBER_HEIGHT
            for other in shown
        ):
            dot["label"] = ""
        else:
            shown.append(dot)


def _regions(material: Material, scale: _Scale) -> Iterator[dict[str, Any]]:
    """From where on the rules propose each status, as far as points decide it: a stair where less of one may be made up by more of the other."""
    by_status = groupby(material.reference.thresholds, key=lambda row: row["proposed_status"])
    for status, rows in by_status:
        steps = sorted(
            (scale.x(r["minimum_intention_points"]), scale.y(r["minimum_capacity_points"])) for r in rows
        )
        path = "".join(f"H{x}V{y}" for x, y in steps)
        # A status that takes no capacity at some point has no line below it.
        path += f"V{BOTTOM}" if steps[-1][1] == scale.y(0) else f"H{RIGHT}"
        yield {
            "x": steps[0][0],
            "path": f"M{steps[0][0]} {TOP}{path}",
            "label": material.words.label("status", status),
        }


def where_and_in_what(material: Material) -> Sequence[Block]:
    """How many on the list live in each municipality, and lead enterprises in operation in each industry."""
    words, facts = material.words, material.facts
    standing = [entry["person_id"] for entry in material.ranking if not entry["is_dismissed"]]
    if not standing:
        return ()
    lives_in = Counter(
        clean(facts.persons[person_id]["municipality_name"]) or words("plot_not_shown")
        for person_id in standing
    )
    leads_in = Counter(
        industry
        for person_id in standing
        for industry in {clean(row["industry_name"]) or words("unknown") for row in facts.led_now(person_id)}
    )
    return (Columns([_bars("bars_municipality", lives_in, words), _bars("bars_industry", leads_in, words)]),)


def _bars(key: str, counted: Counter[str], words: Words) -> Sequence[Block]:
    """The commonest, each with a bar; the rest are one."""
    commonest = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    shown, rest = commonest[:MAX_BARS], sum(number for _, number in commonest[MAX_BARS:])
    if rest:
        shown.append((words("bars_rest", number=words.number(len(commonest) - MAX_BARS)), rest))
    longest = max((number for _, number in shown), default=1)
    header = [
        Column(words(key), "heading", 1.2),
        Column("", "bar", 1),
        Column(words("bars_persons"), "number"),
    ]
    rows = [(name, round(100 * number / longest), words.number(number)) for name, number in shown]
    return Heading(words(f"{key}_heading")), Table(header, rows, words("bars_none"))
