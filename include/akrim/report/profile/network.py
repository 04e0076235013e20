"""A person's network: a drawing of boxes in three columns (the person, the enterprises, the others in them), with arrows for roles.

Below it the same in words, with links to those on the list. Only persons whom the centre may know about are named or counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from akrim.report.blocks import Block, Content, Heading, Listing, Name, Paragraph, Text
from akrim.report.drawings.ties import Node, Tie, arrow, curve, draw_ties, nodes
from akrim.report.profile.facts import Facts, Row, grouped
from akrim.report.wording import DASH, Words, clean

MAX_ENTERPRISES = 8
MAX_PERSONS = 12


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
    arrows = [arrow(boxes[person_id], boxes[o], own[o]) for o in shown]
    arrows += [
        arrow(boxes[p], boxes[o], tie) for p in persons for o, tie in sorted(theirs[p].items()) if o in shown
    ]
    beside = ties_beside(boxes, facts.ties)
    tied = [other for other, ties in theirs.items() if not ties.keys().isdisjoint(reached)]
    left_out = len(reached) - len(shown) + len(tied) - len(persons)
    notes = [words("network_note"), *([words.counted("network_left_out", left_out)] if left_out > 0 else [])]
    in_words: list[Content] = [
        *(
            person_in_words(Name(facts.names.get(p, p), facts.anchors.get(p, "")), theirs[p], boxes, words)
            for p in persons
        ),
        *([Text(text, "small")] for text in beside_in_words(beside, boxes, words)),
    ]
    return (
        Heading(words("connections"), 2),
        draw_ties(
            boxes,
            max(len(shown), len(persons)),
            arrows,
            [curve(boxes[tie["from_id"]], boxes[tie["to_id"]]) for tie in beside],
            words("network_alt", enterprises=len(shown), persons=len(persons)),
            words,
        ),
        Listing(in_words),
        Paragraph(" ".join(notes), "note"),
    )


def _own_ties(person_id: str, facts: Facts, words: Words) -> dict[str, Tie]:
    """The person's enterprises: by roles, and those that somebody else leads for the person."""
    ties = {
        tie["orgnr"]: _through(tie, words)
        for tie in facts.fronts_of(person_id)
        if tie["person_id"] == person_id
    }
    return ties | _role_ties(facts.roles[person_id], words)


def _through(tie: Row, words: Words) -> Tie:
    return Tie("through", words("tie_since", year=tie["since_date"].year))


def _role_ties(roles: list[Row], words: Words) -> dict[str, Tie]:
    """A tie for each enterprise, leading where any role there is, with the years of all."""
    in_order = sorted(roles, key=lambda role: (role["orgnr"], str(role.get("valid_from"))))
    return {
        orgnr: Tie(_kind(held), _years(held, words)) for orgnr, held in grouped(in_order, "orgnr").items()
    }


def _kind(roles: list[Row]) -> str:
    return "leading" if any(role["is_leading"] for role in roles) else "other"


def _years(roles: list[Row], words: Words) -> str:
    """The years from the first role's beginning to the last one's end; empty where the centre is not told of them."""
    if any("valid_from" not in role for role in roles):
        return ""
    starts, ends = ([role[column] for role in roles] for column in ("valid_from", "valid_to"))
    return words.span(None if None in starts else min(starts), None if None in ends else max(ends))


def _others(person_id: str, own: dict[str, Tie], facts: Facts, words: Words) -> dict[str, dict[str, Tie]]:
    """The other persons in these enterprises, and those for whom the person stands in there, each with the enterprises that tie them."""
    others = (role for orgnr in own for role in facts.holders[orgnr] if role["person_id"] != person_id)
    ties = {other: _role_ties(roles, words) for other, roles in grouped(others, "person_id").items()}
    for tie in facts.fronts_of(person_id):
        if tie["front_person_id"] == person_id and tie["orgnr"] in own:
            ties.setdefault(tie["person_id"], {}).setdefault(tie["orgnr"], _through(tie, words))
    return ties


def _in_order(theirs: dict[str, dict[str, Tie]], shown: list[str]) -> list[str]:
    """Those in the enterprises that are shown, by the places of these, so that few lines cross."""

    def order(person_id: str) -> tuple[float, str]:
        places = [shown.index(orgnr) for orgnr in theirs[person_id] if orgnr in shown]
        return sum(places) / len(places), person_id

    return sorted((p for p, ties in theirs.items() if set(ties) & set(shown)), key=order)


def _boxes(entry: dict[str, Any], shown: list[str], persons: list[str], facts: Facts) -> dict[str, Node]:
    """By id; an enterprise has its number below its name, and two persons of one name the end of their ids."""
    rows = max(len(shown), len(persons))
    own = nodes("self", "left", [(entry["person_id"], entry["name"], "")], rows)
    return (
        own
        | enterprise_nodes(shown, {o: facts.enterprise_name(o) for o in shown}, rows)
        | person_nodes(persons, "person", facts.names, rows)
    )


def enterprise_nodes(orgnrs: Sequence[str], names: Mapping[str, str | None], rows: int) -> dict[str, Node]:
    """Each enterprise with its number below its name."""
    named = [(orgnr, clean(names.get(orgnr))) for orgnr in orgnrs]
    return nodes(
        "enterprise",
        "enterprise",
        [(orgnr, name or orgnr, orgnr if name else "") for orgnr, name in named],
        rows,
    )


def person_nodes(persons: Sequence[str], column: str, names: Mapping[str, str], rows: int) -> dict[str, Node]:
    """Each person; two of one name have the end of their ids below it."""
    named = Counter(names.get(person, person) for person in persons)
    labels = [
        (person, name, f"\u2026{person[-4:]}" if named[name] > 1 else "")
        for person, name in ((person, names.get(person, person)) for person in persons)
    ]
    return nodes("person", column, labels, rows)


def ties_beside(boxes: Mapping[str, Node], ties: Sequence[Row]) -> list[Row]:
    """Ties other than roles between two that are drawn, such as a shared home or a handover."""
    found = {
        (tie["from_id"], tie["to_id"], tie["tie"]): tie
        for tie in ties
        if tie["from_kind"] == tie["to_kind"] and {tie["from_id"], tie["to_id"]} <= boxes.keys()
    }
    return [tie for _, tie in sorted(found.items())]


def beside_in_words(ties: list[Row], boxes: dict[str, Node], words: Words) -> Iterator[str]:
    for tie in ties:
        one, other = (boxes[tie[end]].label for end in ("from_id", "to_id"))
        yield words("network_tie", one=one, other=other, tie=words.label("tie", tie["tie"]).lower())


def person_in_words(name: Name, ties: Mapping[str, Tie], boxes: Mapping[str, Node], words: Words) -> Content:
    """The person, linked to the profile if there is one, and where."""
    where = [
        words(
            f"network_{tie.kind}", enterprise=boxes[orgnr].label, years=f" {tie.years}" if tie.years else ""
        )
        for orgnr, tie in sorted(ties.items())
        if orgnr in boxes
    ]
    return [name, Text(f"{DASH} {'; '.join(where)}", "small")]
