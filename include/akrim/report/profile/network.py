"""A person's network: a drawing of boxes in three columns (the person, the enterprises, the others in them), with arrows for roles.

Below it the same in words, with links to those on the list. Only persons whom the centre may know about are named or counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from akrim.report.blocks import Block, Content, Heading, Listing, Name, Paragraph, Text
from akrim.report.drawings import draw
from akrim.report.drawings.room import Box, around, is_free
from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import Words, clean, shortened

MAX_ENTERPRISES = 8
MAX_PERSONS = 12
MAX_LABEL = 28
# The columns' left and right, of 800 across, and the height of a row and of a box.
COLUMNS = {"self": (1, 180), "enterprise": (290, 510), "person": (620, 799)}
ROW, BOX = 44, 34
# How far a tie between two of one column swings out.
SWING = 34
# Where on a line its years may stand, the best first: lines that meet at an end lie further from each other elsewhere. What a letter of
# them takes, and half a line of text.
YEARS_AT = (0.5, 0.6, 0.4, 0.68, 0.32)
LETTER, HALF_LINE = 5.7, 6.5
KINDS = ("leading", "other", "through", "beside")


class _Tie(NamedTuple):
    """What ties a person to an enterprise: a leading role, another role, or `through` somebody who stands in; with its years."""

    kind: str
    years: str


class _Box(NamedTuple):
    kind: str
    x: float
    y: float
    width: int
    label: str
    below: str


def network_part(entry: dict[str, Any], facts: Facts, words: Words) -> Sequence[Block]:
    """The drawing and what it shows in words; nothing where the person shares no enterprise with another and controls none through one."""
    person_id = entry["person_id"]
    own = _own_ties(person_id, facts, words)
    theirs = _others(person_id, own, facts, words)
    shared = Counter(orgnr for ties in theirs.values() for orgnr in ties)
    reached = sorted((o for o in own if shared[o] or own[o].kind == "through"), key=lambda o: (-shared[o], o))
    if not reached:
        return ()
    shown = reached[:MAX_ENTERPRISES]
    persons = _in_order(theirs, shown)[:MAX_PERSONS]
    boxes = _boxes(entry, shown, persons, facts)
    lines = [_line(boxes[person_id], boxes[o], own[o]) for o in shown]
    lines += [
        _line(boxes[p], boxes[o], tie) for p in persons for o, tie in sorted(theirs[p].items()) if o in shown
    ]
    _place_years(lines)
    beside = _beside(boxes, facts)
    lines += [_curve(boxes[tie["from_id"]], boxes[tie["to_id"]]) for tie in beside]
    left_out = (
        len(reached)
        - len(shown)
        + sum(bool(set(ties) & set(reached)) for ties in theirs.values())
        - len(persons)
    )
    drawn = {line["kind"] for line in lines}
    notes = [words("network_note"), *([words.counted("network_left_out", left_out)] if left_out > 0 else [])]
    in_words: list[Content] = [
        *(_person_in_words(p, theirs[p], boxes, facts, words) for p in persons),
        *([Text(text, "small")] for text in _beside_in_words(beside, boxes, words)),
    ]
    return (
        Heading(words("connections"), 2),
        draw(
            "network",
            alt=words("network_alt", enterprises=len(shown), persons=len(persons)),
            legend=[(f"tie-{kind}", words(f"legend_{kind}")) for kind in KINDS if kind in drawn],
            height=max(len(shown), len(persons)) * ROW + 4,
            box_height=BOX,
            boxes=list(boxes.values()),
            lines=lines,
        ),
        Listing(in_words),
        Paragraph(" ".join(notes), "note"),
    )


def _own_ties(person_id: str, facts: Facts, words: Words) -> dict[str, _Tie]:
    """The person's enterprises: by roles, and those that somebody else leads for the person."""
    ties = {
        tie["orgnr"]: _Tie("through", words("tie_since", year=tie["since_date"].year))
        for tie in facts.fronts_of(person_id)
        if tie["person_id"] == person_id
    }
    return ties | _role_ties(facts.roles[person_id], words)


def _role_ties(roles: list[Row], words: Words) -> dict[str, _Tie]:
    """A tie for each enterprise, leading where any role there is, with the years of all."""
    by_orgnr: dict[str, list[Row]] = defaultdict(list)
    for role in sorted(roles, key=lambda role: (role["orgnr"], str(role.get("valid_from")))):
        by_orgnr[role["orgnr"]].append(role)
    return {orgnr: _Tie(_kind(held), _years(held, words)) for orgnr, held in by_orgnr.items()}


def _kind(roles: list[Row]) -> str:
    return "leading" if any(role["is_leading"] for role in roles) else "other"


def _years(roles: list[Row], words: Words) -> str:
    """The years from the first role's beginning to the last one's end; empty where the centre is not told of them."""
    if any("valid_from" not in role for role in roles):
        return ""
    starts, ends = ([role[column] for role in roles] for column in ("valid_from", "valid_to"))
    return words.span(None if None in starts else min(starts), None if None in ends else max(ends))


def _others(person_id: str, own: dict[str, _Tie], facts: Facts, words: Words) -> dict[str, dict[str, _Tie]]:
    """The other persons in these enterprises, each with the enterprises that tie them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for orgnr in own:
        for role in facts.holders[orgnr]:
            if role["person_id"] != person_id:
                found[role["person_id"]].append(role)
    return {other: _role_ties(roles, words) for other, roles in found.items()}


def _in_order(theirs: dict[str, dict[str, _Tie]], shown: list[str]) -> list[str]:
    """Those in the enterprises that are shown, by the places of these, so that few lines cross."""

    def order(person_id: str) -> tuple[float, str]:
        places = [shown.index(orgnr) for orgnr in theirs[person_id] if orgnr in shown]
        return sum(places) / len(places), person_id

    return sorted((p for p, ties in theirs.items() if set(ties) & set(shown)), key=order)


def _boxes(entry: dict[str, Any], shown: list[str], persons: list[str], facts: Facts) -> dict[str, _Box]:
    """By id; an enterprise has its number below its name, and two persons of one name the end of their ids."""
    rows = max(len(shown), len(persons))
    named = Counter(facts.names.get(person, person) for person in persons)
    boxes = {entry["person_id"]: _box("self", entry["name"], "", 0, 1, rows)}
    for place, orgnr in enumerate(shown):
        name = clean(facts.enterprise_name(orgnr))
        boxes[orgnr] = _box("enterprise", name or orgnr, orgnr if name else "", place, len(shown), rows)
    for place, person in enumerate(persons):
        name = facts.names.get(person, person)
        below = f"\u2026{person[-4:]}" if named[name] > 1 else ""
        boxes[person] = _box("person", name, below, place, len(persons), rows)
    return boxes


def _box(kind: str, label: str, below: str, place: int, of: int, rows: int) -> _Box:
    left, right = COLUMNS[kind]
    y = round(ROW * rows * (place + 0.5) / of + 2, 1)
    return _Box(kind, left, y, right - left, shortened(label, MAX_LABEL), below)


def _line(person: _Box, enterprise: _Box, tie: _Tie) -> dict[str, Any]:
    """An arrow from the person to the enterprise."""
    is_self = person.kind == "self"
    x1 = person.x + person.width if is_self else person.x
    x2 = enterprise.x if is_self else enterprise.x + enterprise.width
    return {
        "kind": tie.kind,
        "path": f"M{x1} {person.y}L{x2} {enterprise.y}",
        "arrow": {
            "x": x2 - (10 if is_self else 0),
            "y": enterprise.y - 5,
            "side": "right" if is_self else "left",
        },
        "ends": ((x1, person.y), (x2, enterprise.y)),
        "years": tie.years,
    }


def _place_years(lines: list[dict[str, Any]]) -> None:
    """Put each line's years on it where they lie over no others; where there is no room, they are told in words alone."""
    taken: list[Box] = []
    for line in lines:
        ((x1, y1), (x2, y2)), reach = line["ends"], LETTER * len(line["years"]) / 2 + 1
        places = (around(x1 + at * (x2 - x1), y1 + at * (y2 - y1), reach, HALF_LINE) for at in YEARS_AT)
        free = next((box for box in places if line["years"] and is_free(box, taken)), None)
        if free:
            left, top, right, _ = free
            line["label"] = {
                "x": round(left, 1),
                "y": round(top, 1),
                "width": round(right - left, 1),
                "height": 2 * HALF_LINE,
            }
            taken.append(free)


def _curve(one: _Box, other: _Box) -> dict[str, Any]:
    """A tie without direction: within a column it swings out of it."""
    first, last = sorted((one, other), key=lambda box: (box.x, box.y))
    if first.x == last.x:
        x = first.x + first.width if first.kind != "person" else first.x
        out = x + (SWING if first.kind != "person" else -SWING)
        path = f"M{x} {first.y}C{out} {first.y} {out} {last.y} {x} {last.y}"
    else:
        path = f"M{first.x + first.width} {first.y}L{last.x} {last.y}"
    return {"kind": "beside", "path": path}


def _beside(boxes: dict[str, _Box], facts: Facts) -> list[Row]:
    """Ties other than roles between two that are drawn, such as a shared home or a handover."""
    found = {
        (tie["from_id"], tie["to_id"], tie["tie"]): tie
        for tie in facts.ties
        if tie["from_kind"] == tie["to_kind"] and {tie["from_id"], tie["to_id"]} <= boxes.keys()
    }
    return [tie for _, tie in sorted(found.items())]


def _beside_in_words(ties: list[Row], boxes: dict[str, _Box], words: Words) -> Iterator[str]:
    for tie in ties:
        one, other = (boxes[tie[end]].label for end in ("from_id", "to_id"))
        yield words("network_tie", one=one, other=other, tie=words.label("tie", tie["tie"]).lower())


def _person_in_words(
    person_id: str, ties: dict[str, _Tie], boxes: dict[str, _Box], facts: Facts, words: Words
) -> Content:
    """The person, linked to the profile if there is one, and where."""
    where = [
        words(
            f"network_{tie.kind}", enterprise=boxes[orgnr].label, years=f" {tie.years}" if tie.years else ""
        )
        for orgnr, tie in sorted(ties.items())
        if orgnr in boxes
    ]
    name = facts.names.get(person_id, person_id)
    return [Name(name, facts.anchors.get(person_id, "")), Text(f"\u2013 {'; '.join(where)}", "small")]
