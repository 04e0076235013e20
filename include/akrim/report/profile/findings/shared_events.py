"""What happened, and how many points each event carries, where several rules tell of the same events."""

from collections import defaultdict
from collections.abc import Sequence

from akrim.report.blocks import Block, Heading, Paragraph, Table, Text, columns
from akrim.report.profile.facts import Facts, Row
from akrim.report.profile.findings.evidence import enterprise_reference
from akrim.report.wording import Words, clean

MAX_EVENTS = 12


def shared_events_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """A line an event, most points first; nothing where no two rules tell of the same one."""
    carried: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    fired = facts.fired(person_id)
    for row in fired:
        for part in row["events"]:
            kind = facts.rules[row["indicator_code"]].event
            carried[kind, part["event"]][row["indicator_code"]] = part["points"]
    if not any(len(rules) > 1 for rules in carried.values()):
        return ()
    events = sorted(carried.items(), key=lambda event: (-sum(event[1].values()), event[0]))
    header = columns(words, event=("heading", 1.4), indicators_of_event=("prose", 2.4), total="number")
    lines = [
        (
            _event(*event, facts, words),
            ", ".join(words.rule_name(code) for code in rules),
            Text(words.number(sum(rules.values())), "strong"),
        )
        for event, rules in events[:MAX_EVENTS]
    ]
    more = words.counted("events_left_out", len(events) - MAX_EVENTS) if len(events) > MAX_EVENTS else ""
    notes = [words("shared_events_note"), _cut(fired, words), more]
    return (
        Heading(words("shared_events"), 2),
        Table(header, lines),
        Paragraph(" ".join(filter(None, notes)), "note"),
    )


def _event(kind: str, event: str, facts: Facts, words: Words) -> str:
    which, *year = event.split()  # an enterprise, and of what it bought the year, or a row's id at its agency
    return clean(
        " ".join([words.label("event", kind).capitalize(), enterprise_reference(which, facts), *year])
    )


def _cut(fired: list[Row], words: Words) -> str:
    """How many points were taken off because several rules tell of the same."""
    cut = sum((row["points_alone"] or 0) - (row["points"] or 0) for row in fired)
    return words("points_cut", points=words.number(cut)) if cut else ""
