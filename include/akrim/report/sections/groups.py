"""The lists of networks and of enterprises: points and proposals of each, with why.

Persons are named who are on the centre's list; everybody else is counted.
"""

import json
from collections.abc import Iterable, Sequence

from akrim.report.blocks import (
    Block,
    Content,
    Heading,
    Name,
    Paragraph,
    Run,
    Table,
    Text,
    columns,
    group_anchor,
)
from akrim.report.lists.groups import names_of_groups, statuses_of_groups
from akrim.report.material import Material, Section
from akrim.report.profile.contradictory import contradiction
from akrim.report.profile.facts import Row, rows_by
from akrim.report.withheld import withheld_from
from akrim.report.wording import Words

# So many members and rules are told of each; the data have all.
MAX_MEMBERS = 5
MAX_RULES = 6
# A group's row, what it is called, its kind and its id.
Listed = tuple[Row, Content, str, str]


def _groups(material: Material) -> Sequence[Block]:
    words, tables = material.words, material.tables
    return (
        Paragraph(words("groups_note")),
        *(
            [Paragraph(words("groups_withheld"))]
            if withheld_from(tables, material.edition.centre_id).rules
            else []
        ),
        Heading(words("networks")),
        _table(_networks(material), material),
        Heading(words("enterprises_listed")),
        _table(_enterprises(material), material),
    )


SECTION = Section("groups", 38, _groups)


def group_table(group_id: str, material: Material) -> Table:
    """The line of one network or enterprise."""
    listed = [*_networks(material), *_enterprises(material)]
    return _table([told for told in listed if told[3] == group_id], material)


def _networks(material: Material) -> list[Listed]:
    names = names_of_groups(material.tables)
    return [
        (row, _network(row, names, material.words), "network", row["network_id"])
        for row in material.tables["network_assessments"].to_pylist()
    ]


def _enterprises(material: Material) -> list[Listed]:
    names = names_of_groups(material.tables)
    return [
        (row, _enterprise(row, names), "enterprise", row["orgnr"])
        for row in material.tables["enterprise_assessments"].to_pylist()
    ]


def _table(listed: list[Listed], material: Material) -> Table:
    """A line each, with its proposal, whose facts count for it and by which rules."""
    parts = {
        (row["network_id"], row["member_id"]): row["part"]
        for row in material.tables["network_members"].to_pylist()
    }
    words = material.words
    observed = rows_by(material.tables["group_observations"], "group_id")
    members = rows_by(material.tables["group_members"], "group_id")
    decided = rows_by(material.tables["group_decisions"], "group_id")
    statuses = statuses_of_groups(material.tables)
    header = columns(
        words,
        rank="number",
        group=("heading", 1.3),
        total="number",
        status=1.2,
        group_persons=1.8,
        group_why=("prose", 2),
    )
    lines = [
        (
            words.number(row["rank"]),
            what,
            _points(row, words),
            _status(row, statuses.get(group_id), decided[group_id], words),
            tuple(_persons(row, group_id, members[group_id], parts, material)),
            _why((o for o in observed[group_id] if o["group_kind"] == kind), words),
        )
        for row, what, kind, group_id in sorted(listed, key=lambda entry: entry[0]["rank"])
    ]
    return Table(header, lines, words("groups_empty"))


def _points(row: Row, words: Words) -> Content:
    parts = (f"{words(name)} {words.number(row[f'{name}_points'])}" for name in ("intention", "capacity"))
    return Text(words.number(row["total_points"]), "strong"), *(Text(part, "below") for part in parts)


def _status(row: Row, decided: Row | None, decisions: Iterable[Row], words: Words) -> Content:
    """The status that the centre has given, or else the proposed one marked as such."""
    if decided is None:
        proposed = words.label("status", row["proposed_status"])
        return Text(proposed), Text(f"({words('proposed').lower()})", "small")
    since = words("group_status_since", date=words.day(decided["decided_date"]))
    contradicts = Text(contradiction(decided, decisions, words), "below")
    return Text(words.label("status", decided["status"]), "strong"), Text(since, "small"), contradicts


def _network(row: Row, names: dict[str, str], words: Words) -> Content:
    counts = [
        words.counted(key, row[name])
        for key, name in (("enterprise", "enterprises"), ("group_active_enterprises", "active_enterprises"))
        if row[name] is not None
    ]
    return (
        Name(
            words.label("network_kind", row["kind"]) or words("network"),
            anchor=group_anchor(row["network_id"]),
        ),
        Text(names.get(row["network_id"], ""), "below"),
        Text(", ".join(counts), "below"),
        Text(row["network_id"], "below"),
    )


def _enterprise(row: Row, names: dict[str, str]) -> Content:
    name = names.get(row["orgnr"]) or row["orgnr"]
    return Name(name, anchor=group_anchor(row["orgnr"])), Text(row["orgnr"], "below")


def _persons(
    row: Row, group_id: str, members: list[Row], parts: dict[tuple[str, str], str], material: Material
) -> Iterable[Run]:
    words = material.words
    first = sorted(
        members,
        key=lambda m: (m["person_id"] != row["leading_person_id"], -m["intention_points"], m["person_id"]),
    )
    for member in first[:MAX_MEMBERS]:
        part = parts.get((group_id, member["person_id"]))
        yield material.name(member["person_id"])
        yield Text(words.label("network_part", part) if part else _share(member, words), "below")
    beside = len(members) - len(first[:MAX_MEMBERS]) + (row.get("persons_beside") or 0)
    yield Text(words.counted("group_beside", beside) if beside else "", "below")


def _share(member: Row, words: Words) -> str:
    return words("group_share", percent=words.number(100 * member["strength"]))


def _why(observed: Iterable[Row], words: Words) -> str:
    """The rules that gave it points, most first, with how many events carry them."""
    given = sorted((o for o in observed if o["points"]), key=lambda o: (-o["points"], o["indicator_code"]))
    told = [
        f"{words.rule_name(o['indicator_code'])} {words.signed(o['points'])}{_events(o, words)}"
        for o in given[:MAX_RULES]
    ]
    if len(given) > MAX_RULES:
        told.append(words.counted("group_rules_left_out", len(given) - MAX_RULES))
    return "; ".join(told)


def _events(observation: Row, words: Words) -> str:
    count = len(json.loads(observation["events"] or "[]"))
    return f" ({words.counted('group_events', count)})" if count else ""
