"""What a rule found about a person, and the agencies' rows that it rests on.

Rows are grouped by agency, extract and enterprise, so that many rows of one kind make one line.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from typing import Any

from akrim.report.blocks import Block, Column, Content, Heading, More, Paragraph, Table, Text, columns
from akrim.report.profile.facts import Facts, Row, enterprise_of
from akrim.report.profile.findings.sentences import found
from akrim.report.wording import Words, clean

MAX_LINES = 3
MAX_ROWS = 3
# Agency, extract, organisation number, and whether it was led for somebody else or through other enterprises.
Group = tuple[str, str, str, str]


def indicators_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """The rules that fired, each with its explanation, evidence and points."""
    header = columns(words, indicator=("heading", 1), evidence=("prose", 2.8), total="number")
    rows = [_indicator(row, facts, words) for row in facts.fired(person_id)]
    return (
        Heading(words("indicators"), 2),
        *_by_area(facts.fired(person_id), words),
        Table(header, rows, words("indicators_none")),
        Paragraph(words("evidence_in_full") if rows else "", "note"),
    )


def _by_area(fired: list[Row], words: Words) -> Sequence[Block]:
    """The points of each area as a bar; nothing where one area has them all."""
    points: Counter[str] = Counter()
    for row in fired:
        points[row["area"]] += row["points"] or 0
    if len(+points) < 2:
        return ()
    longest = max(points.values())
    header = [Column(words("area"), "heading", 1), Column("", "bar", 3), Column(words("total"), "number")]
    rows = [
        (words.label("area", area), round(100 * number / longest), words.number(number))
        for area, number in points.most_common()
        if number
    ]
    return (Table(header, rows),)


def _indicator(row: Row, facts: Facts, words: Words) -> Sequence[Content]:
    lines = _evidence(row["person_id"], row["evidence"], facts, words)
    shown, folded = lines[:MAX_LINES], lines[MAX_LINES:]
    more = [More(words.counted("evidence_more_lines", len(folded)), folded)] if folded else []
    return (
        (words.rule_name(row["indicator_code"]), Text(words.label("dimension", row["dimension"]), "below")),
        (found(row, words), *(Text(line, "below") for line in shown), *more),
        Text(words.number(row["points"] or 0), "strong"),
    )


def enterprise_reference(orgnr: str | None, facts: Facts) -> str:
    """The enterprise's name and number, as far as they are known."""
    if not orgnr:
        return ""
    name = clean(facts.enterprise_name(orgnr))
    return f"{name} ({orgnr})" if name else orgnr


def _evidence(person_id: str, items: list[dict[str, Any]], facts: Facts, words: Words) -> list[str]:
    grouped: dict[Group, list[Row]] = defaultdict(list)
    for item in items:
        led = led_for_another(item, words) + _through(item, facts, words)
        key = item["agency"], item["extract"], enterprise_of(item) or "", led
        grouped[key].append(item)
    # Roles only say why the other rows concern the person, so they come last.
    ordered = sorted(grouped.items(), key=lambda group: group[0][1] == "roller")
    roles = _roles(person_id, {key[2] for key in grouped}, facts, words)
    return [_line(key, rows, facts, roles, words) for key, rows in ordered]


def _roles(person_id: str, orgnrs: Set[str], facts: Facts, words: Words) -> dict[str, str]:
    """The roles in words, by the id that an agency gives them: the person's, and with the name those of whoever is told as standing in, or behind.

    Args:
        orgnrs: the enterprises of which these others' are told.
    """
    ties = facts.fronts_of(person_id)
    tied = {tie[side] for tie in ties for side in ("person_id", "front_person_id")} - {person_id}
    names = {other: facts.names.get(other, "") for other in tied}
    others = [
        role for orgnr in orgnrs for role in facts.holders.get(orgnr, ()) if names.get(role["person_id"])
    ]
    return {
        role["role_id"]: ", ".join(filter(None, [names.get(role["person_id"]), _in_words(role, words)]))
        for role in (*others, *facts.roles[person_id])
        if role.get("role_id")
    }


def _in_words(role: Row, words: Words) -> str:
    title = words.label("role", role["role_code"]).lower()
    return f"{title} {words.span(role['valid_from'], role['valid_to'])}"


def led_for_another(item: Row, words: Words) -> str:
    """Whether the enterprise of this row was led for somebody else, or for the person by somebody else."""
    return "".join(words(f"evidence_{key}") for key in ("lent_name", "through_another") if item.get(key))


def _through(item: Row, facts: Facts, words: Words) -> str:
    """The enterprises through which this one is led, from the first."""
    chain = [enterprise_reference(orgnr, facts) for orgnr in item.get("through") or ()]
    return words("evidence_through", enterprises=words.listing(chain)) if chain else ""


def _line(group: Group, rows: list[Row], facts: Facts, roles: dict[str, str], words: Words) -> str:
    """One line of evidence, such as `Nav, ytelsessak hos X AS: 4711 (03.02.2025)`."""
    agency, extract, orgnr, led = group
    name = clean(facts.enterprise_name(orgnr)) or orgnr
    # The register's row of an enterprise is about the enterprise itself, so no "at".
    where = f" {name}" if extract == "enheter" else words("evidence_at", enterprise=name) if orgnr else ""
    named = [part for part in dict.fromkeys(_row(row, roles, words) for row in rows) if part]
    left_out = max(0, len(named) - MAX_ROWS) + len(_untold_roles(rows, roles))
    more = words("evidence_more", number=left_out) if left_out else ""
    label = f"{words.agency(agency)}, {words.extract(agency, extract)}{where}{led}"
    return f"{label}: {', '.join(named[:MAX_ROWS])}{more}" if named else label


def _untold_roles(rows: list[Row], roles: dict[str, str]) -> set[str]:
    """The roles whose holders are not told of: their ids would say nothing by themselves."""
    ids = {
        str(row["source_row_id"]) for row in rows if row["extract"] == "roller" and row.get("source_row_id")
    }
    return ids - roles.keys()


def _row(row: Row, roles: dict[str, str], words: Words) -> str:
    """The row's id at its agency and its date; a row about somebody else comes without its id.

    A role's date is omitted: it is that of the event on another row, and would be read as the role's own.
    """
    name, day = clean(row.get("source_row_id")), words.iso_day(row.get("date"))
    if row["extract"] == "roller":
        # The register's id of a role that an enterprise holds says nothing by itself.
        if row.get("through"):
            return ""
        role = roles.get(str(row.get("source_row_id")))
        return f"{role} ({name})" if role else ""
    if row["extract"] == "enheter" and enterprise_of(row):
        return day
    return f"{name} ({day})" if name and day else name or day
