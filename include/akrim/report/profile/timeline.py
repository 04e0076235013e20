"""A person's timeline: a drawing of lanes with bars and marks.

What began before the window is cut at its left edge; the table below the drawing lists everything.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from akrim.report.blocks import Block, Drawing, Heading, Paragraph, left_out_note
from akrim.report.drawings import draw
from akrim.report.profile.events import Event
from akrim.report.profile.facts import Facts, Row, grouped
from akrim.report.wording import Words, clean, shortened


class _Shape(NamedTuple):
    """How far across the drawing goes, where lanes begin and how long they are, how high one is, and how far down in it its label and line are."""

    across: int
    left: int
    width: int
    row: int
    label_at: int
    line_at: int


# The lanes lie to the right of their labels; on a narrow screen, where nobody points at marks, below them.
WIDE, NARROW = _Shape(800, 196, 590, 24, 16, 12), _Shape(340, 8, 324, 40, 13, 27)
# What a year's number takes.
YEAR_ROOM = 28
MAX_YEARS = 12
MIN_YEARS = 5
MAX_ENTERPRISES = 8
MAX_LABEL = 28
OWN_LANES = (
    ("cases", ("case", "outcome_for", "outcome_against")),
    ("controls", ("control",)),
    ("decisions", ("decision",)),
)

LEGEND = (
    "leading", "other", "inspection", "severe_inspection", "bankruptcy",
    "case", "outcome_against", "outcome_for", "control", "decision",
)  # fmt: skip


def timeline_part(person_id: str, facts: Facts, events: list[Event], words: Words) -> Sequence[Block]:
    """The drawing, or a sentence where nothing is dated."""
    heading, left_out = Heading(words("timeline"), 2), _enterprise_order(facts.roles[person_id])[1]
    drawing = _drawn(person_id, facts, events, WIDE, words)
    if drawing is None:
        return heading, Paragraph(words("timeline_none"))
    narrow = _drawn(person_id, facts, events, NARROW, words)
    return (
        heading,
        replace(drawing, narrow=narrow.svg if narrow else ""),
        left_out_note("timeline_left_out", left_out, words),
    )


def _drawn(person_id: str, facts: Facts, events: list[Event], shape: _Shape, words: Words) -> Drawing | None:
    """The lanes in that shape; none where nothing is dated."""
    window = _Window(facts.as_of, [event.day for event in events] + _starts(facts.roles[person_id]), shape)
    shown, _ = _enterprise_order(facts.roles[person_id])
    lanes = [_enterprise_lane(orgnr, roles, facts, events, window, words) for orgnr, roles in shown]
    lanes += [_own_lane(key, kinds, events, window, words) for key, kinds in OWN_LANES]
    lanes = [lane for lane in lanes if lane["bars"] or lane["marks"]]
    if not lanes:
        return None
    used = {mark["kind"] for lane in lanes for mark in lane["marks"]} | {
        bar["kind"] for lane in lanes for bar in lane["bars"]
    }
    years = {"start": window.start.year, "end": facts.as_of.year}
    return draw(
        "timeline",
        alt=words("timeline_alt", lanes=len(lanes), events=len(events), **years),
        legend=[(kind, words(f"legend_{kind}")) for kind in LEGEND if kind in used],
        shape=shape,
        is_pointed_at=shape is WIDE,
        lanes=lanes,
        ticks=window.ticks(),
    )


class _Window:
    """The years that are drawn, and where."""

    def __init__(self, as_of: date, days: list[date], shape: _Shape) -> None:
        self.shape = shape
        first_year = min((day.year for day in days), default=as_of.year)
        year = max(min(first_year, as_of.year - MIN_YEARS + 1), as_of.year - MAX_YEARS + 1)
        self.start, self.end = date(year, 1, 1), as_of

    def x(self, day: date) -> int:
        share = (day - self.start).days / (self.end - self.start).days
        return self.shape.left + round(self.shape.width * min(max(share, 0.0), 1.0))

    def shows(self, day: date) -> bool:
        return self.start <= day <= self.end

    def ticks(self) -> list[dict[str, Any]]:
        """A line a year, with its number where there is room beside the one before."""
        ticks: list[dict[str, Any]] = []
        free_from = 0
        for year in range(self.start.year, self.end.year + 1):
            x = self.x(date(year, 1, 1))
            is_told = free_from <= x <= self.shape.across - YEAR_ROOM
            ticks.append({"x": x, "label": str(year) if is_told else ""})
            free_from = x + YEAR_ROOM if is_told else free_from
        return ticks


def _starts(roles: list[Row]) -> list[date]:
    return [role["valid_from"] for role in roles if role["valid_from"]]


def _enterprise_order(roles: list[Row]) -> tuple[list[tuple[str, list[Row]]], int]:
    """Enterprises with their roles, leading and most recent first, and how many do not fit."""

    def order(entry: tuple[str, list[Row]]) -> tuple[bool, int, str]:
        latest = max((day.toordinal() for day in _starts(entry[1])), default=0)
        return (not any(role["is_leading"] for role in entry[1]), -latest, entry[0])

    ordered = sorted(grouped(roles, "orgnr").items(), key=order)
    return ordered[:MAX_ENTERPRISES], max(0, len(ordered) - MAX_ENTERPRISES)


def _enterprise_lane(
    orgnr: str, roles: list[Row], facts: Facts, events: list[Event], window: _Window, words: Words
) -> dict[str, Any]:
    bars = [_bar(role, window, words) for role in roles if _overlaps(role, window)]
    return {
        "label": shortened(clean(facts.enterprise_name(orgnr)) or orgnr, MAX_LABEL),
        "bars": sorted(bars, key=lambda bar: (bar["kind"] == "leading", bar["x"], bar["text"])),
        "marks": _marks([event for event in events if event.orgnr == orgnr], window, words),
    }


def _own_lane(
    key: str, kinds: tuple[str, ...], events: list[Event], window: _Window, words: Words
) -> dict[str, Any]:
    chosen = [event for event in events if event.orgnr is None and event.kind in kinds]
    return {"label": words(f"lane_{key}"), "bars": [], "marks": _marks(chosen, window, words)}


def _marks(events: list[Event], window: _Window, words: Words) -> list[dict[str, Any]]:
    return [
        {"x": window.x(event.day), "kind": event.kind, "text": f"{words.day(event.day)}: {event.text}"}
        for event in reversed(events)
        if window.shows(event.day)
    ]


def _overlaps(role: Row, window: _Window) -> bool:
    return (role["valid_from"] or window.start) <= window.end and (
        role["valid_to"] or window.end
    ) >= window.start


def _bar(role: Row, window: _Window, words: Words) -> dict[str, Any]:
    starts, ends = role["valid_from"], role["valid_to"]
    left = window.x(starts or window.start)
    return {
        "x": left,
        "width": max(window.x(ends or window.end) - left, 3),
        "kind": "leading" if role["is_leading"] else "other",
        "text": f"{words.label('role', role['role_code'])} {words.span(starts, ends)}",
    }
