"""Persons on several lists, and on that of no centre, as far as the sharing matrix lets it be told."""

from collections.abc import Sequence

from akrim.contracts import WITHOUT_CENTRE
from akrim.report.blocks import Block, Content, Heading, Paragraph, Table, Text, columns
from akrim.report.profile.facts import Row, rows_by
from akrim.report.withheld import Withheld, in_words
from akrim.report.wording import Words, clean
from akrim.rules import load_rules
from akrim.sharing import Tables

DECISIONS = ("sentrene", "decision")


def told_of(tables: Tables, words: Words) -> str:
    """Which data that rules or statuses rest on nothing rests on here that is told of persons; nothing where all may be told."""
    told = {(row["agency"], row["category"]) for row in tables["national_told"].to_pylist()}
    if not told:
        return words("national_told_none")
    told_elsewhere = {one for rule in load_rules() for one in rule.origins} | {DECISIONS}
    untold = Withheld(frozenset(), dict.fromkeys(told_elsewhere - told, "nothing"))
    return words("national_untold", data=in_words(untold, words)) if untold.data else ""


def actors(tables: Tables, words: Words) -> Sequence[Block]:
    """A table of those on several lists, and one of those without a centre."""
    note = Paragraph(words("national_actors_note"), "note")
    rows = tables["national_actors"].to_pylist()
    ids = {row["person_id"] for row in rows}
    lists = rows_by(tables["national_lists"], "person_id", ids)
    rules = rows_by(tables["national_rules"], "person_id", ids)
    blocks: list[Block] = []
    for key, is_in in (("several", "is_on_several_lists"), ("no_centre", "is_without_centre")):
        chosen = sorted(
            (row for row in rows if row[is_in]), key=lambda row: (row["full_name"] or "", row["person_id"])
        )
        header = columns(
            words, name=("heading", 1), national_lists=("prose", 1.6), national_rules=("prose", 1.6)
        )
        lines = [_line(row, lists[row["person_id"]], rules[row["person_id"]], words) for row in chosen]
        blocks += [Heading(words(f"national_{key}")), Table(header, lines, words("national_actors_none"))]
    return [*blocks, note]


def _line(row: Row, lists: Sequence[Row], rules: Sequence[Row], words: Words) -> Sequence[Content]:
    name = clean(row["full_name"]) or words("national_name_untold")
    return (
        (Text(name), Text(row["person_id"], "below")),
        [
            Text(_list(one, words), "below" if place else "")
            for place, one in enumerate(
                sorted(lists, key=lambda one: words.label("centre", one["centre_id"]))
            )
        ],
        "; ".join(sorted(words.rule_name(rule["indicator_code"]) for rule in rules))
        or words("national_rules_none"),
    )


def _list(row: Row, words: Words) -> str:
    named = words.label("status", row["status"])
    proposed = (
        words("proposed_as", status=words.label("status", row["proposed_status"]).lower())
        if row["proposed_status"]
        else ""
    )
    standing = named or proposed
    if row["centre_id"] == WITHOUT_CENTRE:
        return standing
    return f"{words.label('centre', row['centre_id'])}: {standing}"
