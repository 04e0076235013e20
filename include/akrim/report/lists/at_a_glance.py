"""The list before it is read: in which municipalities and industries those on it are."""

from collections import Counter
from collections.abc import Sequence

from akrim.report.blocks import Block, Column, Columns, Heading, Table
from akrim.report.material import Material
from akrim.report.wording import Words, clean

MAX_BARS = 8


def where_and_in_what(material: Material) -> Sequence[Block]:
    """How many on the list live in each municipality, and lead enterprises in operation in each industry."""
    words, facts = material.words, material.facts
    standing = [entry["person_id"] for entry in material.standing]
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
        shown.append((words.counted("short_more", len(commonest) - MAX_BARS), rest))
    longest = max((number for _, number in shown), default=1)
    header = [
        Column(words(key), "heading", 1.2),
        Column("", "bar", 1),
        Column(words("bars_persons"), "number"),
    ]
    rows = [(name, round(100 * number / longest), words.number(number)) for name, number in shown]
    return Heading(words(f"{key}_heading")), Table(header, rows, words("bars_none"))
