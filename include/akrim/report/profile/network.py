"""A person's network: a drawing of boxes in three columns (the person, the enterprises, the others in them) and lines.

Only persons whom the centre may know about are named or counted.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from akrim.report.blocks import Block, Heading, Listing, Paragraph, Text
from akrim.report.drawings import draw
from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import Words, clean, shortened

MAX_ENTERPRISES = 8
MAX_PERSONS = 12
MAX_LABEL = 30
# The columns' left and right, of 800 across, and the height of a row.
COLUMNS = {"self": (1, 184), "enterprise": (288, 512), "person": (616, 799)}
ROW = 34
LEGEND = ("leading", "other")


class _Tie(NamedTuple):
    """One person in one enterprise; `kind` is leading or other."""

    person_id: str
    orgnr: str
    kind: str


def network_part(entry: dict[str, Any], facts: Facts, words: Words) -> Sequence[Block]:
    """The drawing; nothing where the person shares no enterprise with another."""
    person_id = entry["person_id"]
    own = _ties(facts.roles[person_id])
    others = [tie for orgnr in own for tie in facts.holders[orgnr] if tie["person_id"] != person_id]
    if not others:
        return ()
    reached = _most_shared(own, others)
    shown = [orgnr for orgnr, _ in reached][:MAX_ENTERPRISES]
    theirs = _by_person(others, shown)
    persons = list(theirs)[:MAX_PERSONS]
    rows = max(len(shown), len(persons))
    boxes = {"self": _box("self", entry["name"], 0, 1, rows)}
    boxes |= {o: _box("enterprise", _name(o, facts), i, len(shown), rows) for i, o in enumerate(shown)}
    boxes |= {p: _box("person", facts.names.get(p, p), i, len(persons), rows) for i, p in enumerate(persons)}
    lines = [_line(boxes["self"], boxes[orgnr], own[orgnr]) for orgnr in shown]
    lines += [_line(boxes[o], boxes[p], kind) for p in persons for o, kind in sorted(theirs[p].items())]
    left_out = len(reached) - len(shown) + len(theirs) - len(persons)
    drawn = {line["kind"] for line in lines}
    notes = [words("network_note"), *([words.counted("network_left_out", left_out)] if left_out else [])]
    return (
        Heading(words("network"), 2),
        draw(
            "network",
            alt=words("network_alt", enterprises=len(shown), persons=len(persons)),
            legend=[(f"tie-{kind}", words(f"legend_{kind}")) for kind in LEGEND if kind in drawn],
            height=rows * ROW + 4,
            boxes=list(boxes.values()),
            lines=lines,
        ),
        Listing([Text(tie, "small") for tie in _other_ties(person_id, shown, persons, facts, words)]),
        Paragraph(" ".join(notes), "note"),
    )


def _ties(roles: list[Row]) -> dict[str, str]:
    """The person's enterprises, each as `leading` if any role there is, else `other`."""
    kinds: dict[str, str] = {}
    for role in sorted(roles, key=lambda role: role["orgnr"]):
        if role["is_leading"] or role["orgnr"] not in kinds:
            kinds[role["orgnr"]] = "leading" if role["is_leading"] else "other"
    return kinds


def _most_shared(own: dict[str, str], others: list[Row]) -> list[tuple[str, int]]:
    """The person's enterprises, most other persons first; those without any are left out."""
    shared: dict[str, set[str]] = defaultdict(set)
    for role in others:
        shared[role["orgnr"]].add(role["person_id"])
    return sorted(((o, len(shared[o])) for o in own if shared[o]), key=lambda e: (-e[1], e[0]))


def _by_person(others: list[Row], shown: list[str]) -> dict[str, dict[str, str]]:
    """The other persons with their enterprises, ordered by their enterprises' positions, so that few lines cross."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for role in others:
        if role["orgnr"] in shown:
            grouped[role["person_id"]].append(role)

    def order(entry: tuple[str, list[Row]]) -> tuple[float, str]:
        places = [shown.index(role["orgnr"]) for role in entry[1]]
        return sum(places) / len(places), entry[0]

    return {person_id: _ties(roles) for person_id, roles in sorted(grouped.items(), key=order)}


def _name(orgnr: str, facts: Facts) -> str:
    return clean(facts.enterprise_name(orgnr)) or orgnr


def _box(kind: str, label: str, place: int, of: int, rows: int) -> dict[str, Any]:
    left, right = COLUMNS[kind]
    return {
        "kind": kind,
        "x": left,
        "width": right - left,
        "y": round(ROW * rows * (place + 0.5) / of + 2, 1),
        "label": shortened(label, MAX_LABEL),
    }


def _line(start: dict[str, Any], end: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "x1": start["x"] + start["width"],
        "y1": start["y"],
        "x2": end["x"],
        "y2": end["y"],
    }


def _other_ties(
    person_id: str, orgnrs: list[str], persons: list[str], facts: Facts, words: Words
) -> list[str]:
    """Ties other than roles, such as a shared address or a handover."""
    drawn = {person_id, *orgnrs, *persons}
    names = {orgnr: _name(orgnr, facts) for orgnr in orgnrs}
    found = [
        words(
            "network_tie",
            one=names.get(tie["from_id"]) or facts.names.get(tie["from_id"], ""),
            other=names.get(tie["to_id"]) or facts.names.get(tie["to_id"], ""),
            tie=words.label("tie", tie["tie"]).lower(),
        )
        for tie in facts.ties
        if tie["from_kind"] == tie["to_kind"] and {tie["from_id"], tie["to_id"]} <= drawn
    ]
    return sorted(set(found))
