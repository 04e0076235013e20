"""What the figures rest on: how old the data are, how evenly the rules and linkage work, and what came of the rules."""

from collections.abc import Sequence
from datetime import date

from akrim.report.ages import ages_table, ages_warning, delivered_ages, state_of
from akrim.report.blocks import Block, Heading, Paragraph, Table, columns
from akrim.report.profile.facts import Row
from akrim.report.wording import DASH, Words
from akrim.sharing import Tables

OUTCOMES = ("severe_inspection", "convicted")


def ages(tables: Tables, as_of: date, words: Words) -> tuple[Sequence[Block], str]:
    """The age of each agency's data, and a warning where some are missing or too old."""
    rows = delivered_ages(tables)
    return ages_table(rows, {}, as_of, words), ages_warning(
        {row["agency"]: {state_of(row)} for row in rows}, words
    )


def fairness(tables: Tables, words: Words) -> Sequence[Block]:
    """How often each subgroup is on a list against all, and how often its links are missed."""
    header = columns(words, subgroup=("heading", 1), national_ratio="number", national_missed="number")
    # In the order of the texts, in which the youngest come first.
    places = {key: place for place, key in enumerate(words.texts)}
    found = sorted(
        tables["national_fairness"].to_pylist(), key=lambda row: places.get(_text_of(row), len(places))
    )
    rows = [
        (_subgroup(row, words), _number(row["ratio_to_all"], words), _percent(row["missed_links_pct"], words))
        for row in found
        if row["ratio_to_all"] is not None or row["missed_links_pct"] is not None
    ]
    return (
        Heading(words("national_fairness")),
        Table(header, rows, words("national_fairness_none")),
        Paragraph(words("national_fairness_note"), "note"),
    )


def efficacy(tables: Tables, words: Words) -> Sequence[Block]:
    """What came about for those whom a rule pointed at, beside those whom it looked at and did not point at."""
    header = columns(
        words, national_rule=("heading", 1), national_outcome="text", national_months="number", national_pointed="number",
        share_heading="number", national_looked="number",
    )  # fmt: skip
    rows = [
        (
            words.label("status" if row["subject"] == "status" else "rule", row["code"]),
            words(f"national_outcome_{row['outcome']}"),
            words.number(row["months"]),
            words.number(row["pointed_at"]),
            f"{_percent(row['share_pct'], words)} ({_number(row['low_pct'], words)}{DASH}{_number(row['high_pct'], words)})",
            _percent(row["looked_at_pct"], words),
        )
        for row in tables["national_efficacy"].to_pylist()
        if row["outcome"] in OUTCOMES
    ]
    return Paragraph(words("national_efficacy_note")), Table(header, rows, words("national_efficacy_none"))


def _subgroup(row: Row, words: Words) -> str:
    name = words.texts.get(_text_of(row), row["subgroup"].replace("_", " "))
    return f"{words('group_' + row['characteristic'])}: {name}"


def _text_of(row: Row) -> str:
    return f"group_{row['characteristic']}_{row['subgroup']}"


def _number(value: float | None, words: Words) -> str:
    return DASH if value is None else words.number(value)


def _percent(value: float | None, words: Words) -> str:
    return DASH if value is None else words("share", percent=words.number(value))
