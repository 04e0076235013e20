"""What changed since the previous release and why: counts by kind and cause, and the largest changes as text.

docs/changes.md describes the changes that this reads.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from akrim.changes import Change
from akrim.report.blocks import (
    Block,
    Column,
    Content,
    Heading,
    Paragraph,
    Table,
    Text,
    columns,
    left_out_note,
)
from akrim.report.lists.groups import names_of_groups
from akrim.report.material import Material, Section
from akrim.report.moves.moved import ARROW, cause_told, kind_of, moved_persons, statuses_moved
from akrim.report.profile.facts import Row, grouped
from akrim.report.wording import DASH, Words, clean
from akrim.sharing import Tables

KINDS = (
    "entered",
    "left",
    "rose",
    "fell",
    "proposal",
    "status",
    "merged",
    "split",
    "renamed",
    "corrected",
    "erased",
)
CAUSES = (
    "source", "linkage", "link_decision", "prioritisation", "rule", "code", "correction", "sharing", "erasure",
)  # fmt: skip
MAX_CHANGES = 40
MAX_GROUP_CHANGES = 20
PRINTED_CHANGES = 4
# So many rules are told of each; changes.json has all.
MAX_RULES = 4
MAX_PERSONS = 3


def _changes(material: Material) -> Sequence[Block]:
    """The changes one by one, those of groups and since the previous period, and the cases of disputed information."""
    return (*_listed(material), *_of_groups(material), *_last_period(material), *_corrections(material))


SECTION = Section("changes", 20, _changes, papers=("assessment",))


def changes_summary(material: Material) -> Sequence[Block]:
    """What the changes are compared with, and their number; a first release says that it is the first."""
    words, (previous, changes) = material.words, material.compared
    heading = Heading(words("changes"))
    if previous is None:
        return heading, Paragraph(words("changes_first"))
    note = words("changes_note" if changes else "changes_none", previous=previous)
    return heading, Paragraph(note), *causes_as_one(previous, material), *_tally(changes, words)


def causes_as_one(previous: str, material: Material) -> Sequence[Block]:
    """That causes are not told apart since that release; nothing where they are."""
    words = material.words
    if previous not in material.edition.told_as_one:
        return ()
    return (Paragraph(words("causes_as_one", previous=previous, cause=words.cause("code").lower())),)


def _tally(changes: Sequence[Change], words: Words) -> Sequence[Block]:
    """The number of changes by kind and first cause, without empty rows and columns."""
    counts = Counter((kind_of(change), change["cause"]) for change in changes)
    kinds = [kind for kind in KINDS if any(key[0] == kind for key in counts)]
    causes = [cause for cause in CAUSES if any(key[1] == cause for key in counts)]
    header = (
        Column(words("change"), "heading"),
        *(Column(words.cause(cause), "number") for cause in causes),
        Column(words("changes_total"), "number"),
    )
    rows: list[Sequence[Content]] = [
        (
            words.change(kind),
            *(words.number(counts[kind, c]) if counts[kind, c] else "" for c in causes),
            Text(words.number(sum(counts[kind, c] for c in causes)), "strong"),
        )
        for kind in kinds
    ]
    return (Table(header, rows),)


def _listed(material: Material) -> Sequence[Block]:
    if material.edition.previous_release_id is None or not material.changes:
        return ()
    return Heading(material.words("changes_listed")), *_persons(
        material.changes, material.earlier.before, material
    )


def _persons(changes: Sequence[Change], before: Tables, material: Material) -> Sequence[Block]:
    """An entry for each person, with the facts that moved the points since the release whose tables are `before`."""
    words = material.words
    moved = moved_persons(
        changes, before, material.tables, material.dismissed, words, material.reference.rules
    )
    header = columns(words, name=("heading", 1.2), change=1, from_to=1.4, cause=("prose", 2.2))
    rows: list[Sequence[Content]] = [
        (
            material.name(one.person_id),
            _sentence([words.change(kind) for kind in one.kinds], ", "),
            [Text(text, "line") for text in one.from_to],
            (_sentence(one.causes, "; "), *(Text(fact, "below") for fact in one.facts)),
        )
        for one in moved[:MAX_CHANGES]
    ]
    return (
        Table(header, rows, printed=PRINTED_CHANGES),
        left_out_note("changes_left_out", len(moved) - MAX_CHANGES, words),
    )


def _sentence(parts: Sequence[str], joint: str) -> str:
    """The parts as one, of which only the first begins with a capital."""
    return joint.join([*parts[:1], *(f"{part[:1].lower()}{part[1:]}" for part in parts[1:])])


def _from_to(change: Change, words: Words) -> list[str]:
    before, after = change["before"], change["after"]
    if change["change"] == "status":
        return list(statuses_moved(before, after, words))
    if change["change"] in ("merged", "split", "renamed"):
        return [f"{change['old_group_id']}{ARROW}{change['group_id']}"]
    pair = [
        words("points", number=words.number(line["total_points"])) if line else DASH
        for line in (before, after)
    ]
    return [ARROW.join(pair)]


def _points_moved(change: Change) -> int:
    before, after = ((line or {}).get("total_points", 0) for line in (change["before"], change["after"]))
    return abs(int(after) - int(before))


def _of_groups(material: Material) -> Sequence[Block]:
    words, found = material.words, material.edition.group_changes
    if material.edition.previous_release_id is None or not found:
        return ()
    return (
        Heading(words("changes_of_groups")),
        Paragraph(words("changes_of_groups_note"), "note"),
        *_groups(found, material),
    )


def _groups(found: Sequence[Change], material: Material) -> Sequence[Block]:
    """A row for each network or enterprise that came, went or moved, other statuses and the largest first, with causes and the rules."""
    words = material.words
    by_weight = sorted(
        grouped(found, "group_id").values(),
        key=lambda own: (any(c["change"] == "status" for c in own), max(map(_points_moved, own))),
        reverse=True,
    )
    names = names_of_groups(material.tables)
    header = columns(words, group=("heading", 1.3), change=0.8, from_to=1.2, cause=("prose", 1.9))
    rows = [
        (
            _group_named(own[0], names, material),
            _sentence([words.change(kind_of(change)) for change in own], ", "),
            [Text(line, "line") for change in own for line in _from_to(change, words)],
            _group_cause(own, material),
        )
        for own in by_weight[:MAX_GROUP_CHANGES]
    ]
    return (
        Table(header, rows, printed=PRINTED_CHANGES // 2),
        left_out_note("changes_left_out", len(by_weight) - MAX_GROUP_CHANGES, words),
    )


def _group_named(change: Change, names: Mapping[str, str], material: Material) -> Content:
    group_id = change["group_id"]
    name = names.get(group_id) or material.words(change["group_kind"])
    return material.group(group_id, name), Text(group_id, "below")


def _group_cause(changes: Sequence[Change], material: Material) -> tuple[str, Text]:
    """The causes of a group's changes with their points, and below them the rules that give more or fewer, by whom."""
    words, largest = material.words, max(changes, key=lambda change: len(change["causes"]))
    found = [cause for change in (largest, *changes) for cause in change["causes"]]
    named: dict[str, Row] = {}
    for cause in sorted(found, key=lambda cause: not cause.get("points")):
        named.setdefault(cause["cause"], cause)
    causes = [cause_told(cause, words) for cause in named.values()]
    causes += [words("group_ended", date=words.iso_day(c["ended"])) for c in changes if "ended" in c]
    rules = sorted(largest["rules"], key=lambda rule: -abs(rule["points"]))
    told = [_rule_told(rule, material) for rule in rules[:MAX_RULES]]
    if rest := sum(rule["points"] for rule in rules[MAX_RULES:]):
        told.append(words("other_rules", points=words.signed(rest)))
    return _sentence(causes, "; "), Text("; ".join(told), "below")


def _rule_told(rule: Row, material: Material) -> str:
    """What a rule adds or takes, and who brought or took it, the most first."""
    words = material.words
    moved = sorted(rule["persons"], key=lambda person: (-abs(person["points"]), person["person_id"]))
    parts = [(material.name(person["person_id"]).text, person["points"]) for person in moved[:MAX_PERSONS]]
    if rule["enterprises"]:
        parts.append((words("group_enterprises_themselves"), rule["enterprises"]))
    if len(moved) > MAX_PERSONS:
        parts.append(("\u2026", sum(person["points"] for person in moved[MAX_PERSONS:])))
    by_whom = [parts[0][0]] if len(parts) == 1 else [f"{who} {words.signed(points)}" for who, points in parts]
    return f"{words.rule_name(rule['indicator_code'])} {words.signed(rule['points'])} ({', '.join(by_whom)})"


def _last_period(material: Material) -> Sequence[Block]:
    """For a revision: the changes since the last release of the period before, of persons and of groups."""
    earlier, words = material.edition.since_last_period, material.words
    if earlier is None:
        return ()
    changes, groups = earlier["changes"], earlier["groups"]
    note = words("changes_note" if changes or groups else "changes_none", previous=earlier["previous"])
    return (
        Heading(words("changes_since_period")),
        Paragraph(note),
        *causes_as_one(earlier["previous"], material),
        *(
            (*_tally(changes, words), *_persons(changes, material.earlier.last_period, material))
            if changes
            else ()
        ),
        *((Heading(words("changes_of_groups"), 2), *_groups(groups, material)) if groups else ()),
    )


def _corrections(material: Material) -> Sequence[Block]:
    words = material.words
    if not material.edition.corrections:
        return ()
    header = columns(
        words, case="heading", correction_about=1, correction_since="short", ages_state=1, reason=1.6
    )
    rows = [
        (
            clean(case["case_id"]),
            (words(f"correction_{case['kind']}"), Text(_about(case, words), "below")),
            words.iso_day(case["disputed_since"]),
            words(f"correction_{case['state']}"),
            clean(case["reason"]),
        )
        for case in material.edition.corrections
    ]
    return Heading(words("corrections")), Table(header, rows)


def _about(case: Row, words: Words) -> str:
    agency, extract = case.get("agency"), case.get("extract")
    parts = (
        words.agency(agency) if agency else "",
        words.extract(agency, extract) if agency and extract else "",
    )
    return ", ".join(part for part in parts if part)
