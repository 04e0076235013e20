"""A network drawn: its enterprises in the middle, to their left whom the centre's list has, to their right the others whom it may know of."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from akrim.report.blocks import Block, Content, Heading, Listing, Name, Text, left_out_note
from akrim.report.drawings.ties import Tie, arrow, curve, draw_ties
from akrim.report.profile.facts import Row
from akrim.report.profile.network import (
    beside_in_words,
    enterprise_nodes,
    person_in_words,
    person_nodes,
    ties_beside,
)
from akrim.report.wording import Words, clean
from akrim.sharing import Tables

MAX_ENTERPRISES = 10
MAX_PERSONS = 10


def network_of_group(tables: Tables, addresses: Mapping[str, str], words: Words) -> Sequence[Block]:
    """The drawing and what it shows in words; nothing where no tie is told of.

    Args:
        addresses: where a person's name leads to.
    """
    ties = tables["network_ties"].to_pylist()
    to_enterprises = [tie for tie in ties if (tie["from_kind"], tie["to_kind"]) == ("person", "enterprise")]
    if not to_enterprises:
        return ()
    held = _held(to_enterprises, words)
    counted = Counter(orgnr for of in held.values() for orgnr in of)
    orgnrs = sorted(counted, key=lambda orgnr: (-counted[orgnr], orgnr))[:MAX_ENTERPRISES]
    listed, others = _sides(tables, held, orgnrs)
    rows = max(len(orgnrs), len(listed), len(others))
    names = {row["person_id"]: clean(row["full_name"]) for row in tables["persons"].to_pylist()}
    enterprises = {row["orgnr"]: row["enterprise_name"] for row in tables["enterprises"].to_pylist()}
    boxes = enterprise_nodes(orgnrs, enterprises, rows) | person_nodes(listed, "left", names, rows)
    boxes |= person_nodes(others, "person", names, rows)
    persons = [*listed, *others]
    arrows = [
        arrow(boxes[p], boxes[o], tie) for p in persons for o, tie in sorted(held[p].items()) if o in boxes
    ]
    beside = ties_beside(boxes, ties)
    curves = [curve(boxes[tie["from_id"]], boxes[tie["to_id"]]) for tie in beside]
    alt = words("group_network_alt", enterprises=len(orgnrs), persons=len(persons))
    in_words: list[Content] = [
        *(
            person_in_words(Name(names.get(p, p), addresses.get(p, "")), held[p], boxes, words)
            for p in persons
        ),
        *([Text(text, "small")] for text in beside_in_words(beside, boxes, words)),
    ]
    left_out = len(counted) - len(orgnrs) + len(held) - len(persons)
    return (
        Heading(words("connections"), 2),
        draw_ties(boxes, rows, arrows, curves, alt, words),
        Listing(in_words),
        left_out_note("network_left_out", left_out, words),
    )


def _held(ties: Sequence[Row], words: Words) -> dict[str, dict[str, Tie]]:
    """By person, what ties to each enterprise; a leading role where there is one."""
    held: dict[str, dict[str, Tie]] = defaultdict(dict)
    for tie in sorted(ties, key=lambda tie: (tie["tie"] == "leading_role", tie["from_id"], tie["to_id"])):
        kind = "leading" if tie["tie"] == "leading_role" else "other"
        held[tie["from_id"]][tie["to_id"]] = Tie(kind, words.span(tie["first_date"], tie["last_date"]))
    return held


def _sides(
    tables: Tables, held: Mapping[str, Mapping[str, Tie]], orgnrs: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Those in the enterprises that are drawn: whom the list has, by what they weigh; and the others, by where their enterprises stand."""
    weight = {row["person_id"]: row["intention_points"] for row in tables["group_members"].to_pylist()}
    reached = [person for person, ties in held.items() if set(ties) & set(orgnrs)]
    listed = sorted((p for p in reached if p in weight), key=lambda p: (-weight[p], p))
    others = sorted(
        (p for p in reached if p not in weight),
        key=lambda p: (min(orgnrs.index(o) for o in held[p] if o in orgnrs), p),
    )
    return listed[:MAX_PERSONS], others[:MAX_PERSONS]
