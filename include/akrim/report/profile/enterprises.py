"""The enterprises in which a person holds or held a role."""

from collections.abc import Sequence

from akrim.report.blocks import Block, Content, Heading, Table, Text, columns
from akrim.report.profile.facts import Facts, Row, grouped
from akrim.report.wording import Words, clean


def enterprises_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """The enterprises as a table: those with an active role first, then by the newest role."""
    header = columns(words, enterprise=("heading", 1.4), roles=1.3, industry=1.2, state="short")
    rows = _rows(person_id, facts, words)
    return Heading(words("enterprises"), 2), Table(header, rows, words("enterprises_none"))


def _rows(person_id: str, facts: Facts, words: Words) -> list[Sequence[Content]]:
    known = facts.enterprises_of(person_id)
    roles = sorted(
        facts.roles[person_id], key=lambda row: (row["orgnr"], str(row["valid_from"]), row["role_id"])
    )
    by_orgnr = grouped(roles, "orgnr")

    def order(orgnr: str) -> tuple[bool, str]:
        own = by_orgnr[orgnr]
        return any(role["is_active"] for role in own), max(str(role["valid_from"]) for role in own)

    return [
        _row(orgnr, known.get(orgnr), by_orgnr[orgnr], words)
        for orgnr in sorted(by_orgnr, key=order, reverse=True)
    ]


def _row(orgnr: str, enterprise: Row | None, roles: list[Row], words: Words) -> Sequence[Content]:
    spans = ", ".join(
        f"{words.label('role', r['role_code'])} {words.span(r['valid_from'], r['valid_to'])}" for r in roles
    )
    if enterprise is None:
        return (orgnr, Text(orgnr, "below")), spans, "", ""
    place = clean(enterprise["city"])
    return (
        (_named(enterprise), Text(f"{orgnr} · {place}" if place else orgnr, "below")),
        spans,
        clean(enterprise["industry_name"]),
        _state(enterprise, words),
    )


def _named(enterprise: Row) -> str:
    """The registered name, with the legal form where the name does not say it."""
    name, form = clean(enterprise["enterprise_name"]), clean(enterprise["legal_form_code"])
    return name if not form or name.upper().split()[-1:] == [form.upper()] else f"{name} ({form})"


def _state(enterprise: Row, words: Words) -> str:
    if enterprise["is_bankrupt"]:
        return words("state_bankrupt", date=words.day(enterprise["bankruptcy_date"]))
    if enterprise["deleted_date"]:
        return words("state_deleted", date=words.day(enterprise["deleted_date"]))
    if enterprise["is_winding_up"] or enterprise["is_compulsory_dissolution"]:
        return words("state_winding_up")
    return words("state_active")
