"""What is asked first of a list, answered in a line or two each: who is first and why, who has changed, what is to be read with reserve."""

from collections.abc import Iterator, Sequence
from typing import Any

from akrim.report.blocks import Block, Content, Name, Table, Text, columns
from akrim.report.lists.agenda import Entry
from akrim.report.material import Material
from akrim.report.moves.moved import PersonChanges, moved_persons
from akrim.report.profile.fairness import in_favour
from akrim.report.wording import Words

MAX_MOVED = 2
MAX_NAMES = 4


def short_answers(material: Material, on_deliveries: str) -> Sequence[Block]:
    """The table; nothing where nobody is on the list.

    Args:
        on_deliveries: what is to be said of them.
    """
    words, standing = material.words, material.standing
    if not standing:
        return ()
    previous, _ = material.compared
    rows: list[Sequence[Content]] = [(words("short_first"), _first(standing[0], material))]
    if moved := _moved(material):
        rows.append((words("short_moved", previous=previous), list(_changed(moved, material))))
    rows.append((words("short_reserve"), list(_reserves(standing, on_deliveries, words))))
    return (Table(columns(words, short_question=("heading", 1), short_answer=("prose", 2.6)), rows),)


def _first(entry: Entry, material: Material) -> Content:
    words = material.words
    # What was checked without a finding is told of everybody.
    told = [item for item in in_favour(entry["person_id"], material.facts, words) if isinstance(item, str)]
    favour = words.counted("short_favour", len(told)) if told else words("short_favour_none")
    return (
        material.name(entry["person_id"]),
        Text("; ".join(filter(None, [words("points", number=entry["total"]), entry["ahead"]])), "line"),
        Text(f"{words('short_link', link=entry['link'].lower())} {favour}", "below"),
    )


def _moved(material: Material) -> list[PersonChanges]:
    """Who has changed and is on the list, as the section of changes has them."""
    _, changes = material.compared
    before = material.earlier.last_period if material.edition.since_last_period else material.earlier.before
    found = moved_persons(
        changes, before, material.tables, material.dismissed, material.words, material.reference.rules
    )
    return [one for one in found if "left" not in one.kinds]


def _changed(moved: Sequence[PersonChanges], material: Material) -> Iterator[Any]:
    """The first of them, each in a line, and where the others are told of."""
    words = material.words
    for one in moved[:MAX_MOVED]:
        yield material.name(one.person_id)
        # What a rule rested on before is told with the changes.
        yield Text("; ".join(told.partition(" (")[0] for told in one.gist), "line")
    left_out = len(moved) - MAX_MOVED
    if left_out > 0:
        yield Name(words.counted("short_moved_more", left_out), "changes")


def _reserves(standing: Sequence[Entry], on_deliveries: str, words: Words) -> Iterator[Text]:
    weak = [entry for entry in standing if entry["is_weakly_linked"]]
    matters = [entry["name"] for entry in weak if entry["range"]]
    without = [entry["name"] for entry in weak if not entry["range"]]
    others = [entry["name"] for entry in standing if entry["range"] and not entry["is_weakly_linked"]]
    disputing = [entry["name"] for entry in standing if entry["disputing"]]
    found = (
        ("short_weak", matters),
        ("short_weak_others", others),
        ("short_weak_same", without),
        ("short_disputing", disputing),
    )
    told = [words(key, names=_names(names, words)) for key, names in found if names]
    for text in told or [words("short_reserve_none")]:
        yield Text(text, "line")
    yield Text(on_deliveries, "line")


def _names(names: Sequence[str], words: Words) -> str:
    more = len(names) - MAX_NAMES
    return words.listing([*names[:MAX_NAMES], *([words.counted("short_more", more)] if more > 0 else [])])
