"""One actor's profile: what is known, what speaks for the person, what could not be checked, how sure the links are.

In go the centre's facts, out comes a dict of finished texts that the page and the PDF show alike. It informs
and recommends nothing: measures belong to the management team.
"""

from typing import Any

from akrim.releases.events import events_of
from akrim.releases.facts import Facts, Row
from akrim.releases.timeline import timeline_of
from akrim.releases.words import Words, clean

MOST_EVIDENCE_ROWS = 4


def profile_of(entry: dict[str, Any], facts: Facts, words: Words) -> dict[str, Any]:
    """The profile of a person on the ranked list.

    Args:
        entry: the person's line in the ranked list.
    """
    person_id = entry["person_id"]
    person = facts.persons[person_id]
    events = events_of(person_id, facts, words)
    return {
        **entry,
        "facts": _who(person, words),
        "indicators": [_indicator(row, facts, words) for row in facts.fired(person_id)],
        "in_favour": _in_favour(person_id, facts, words),
        "unchecked": _unchecked(person_id, facts, words),
        "timeline": timeline_of(person_id, facts, events, words),
        "events": [_event(event.day, event.text, event.orgnr, facts, words) for event in events],
        "enterprises": _enterprises(person_id, facts, words),
        "decisions": [decision_line(row, words) for row in latest_first(facts.decisions[person_id])],
    }


def latest_first(decisions: list[Row]) -> list[Row]:
    """Decisions by date, the newest first; the id settles those of one day."""
    return sorted(decisions, key=lambda row: (str(row["decided_date"]), row["decision_id"]), reverse=True)


def decision_line(row: Row, words: Words) -> dict[str, str]:
    """A decision as a line of a table."""
    return {
        "date": words.day(row["decided_date"]),
        "centre": words.label("centre", row["centre_id"]),
        "status": words.label("status", row["status"]),
        "priority": words.label("priority", row["priority_code"]),
        "reason": words.label("reason", row["reason_code"]),
        "agency": words.agency(row["responsible_agency"]),
        "measures": clean(row["measures"]),
        "effect": words(
            "effect",
            capacity=words.label("change", row["capacity_change"]).lower(),
            intention=words.label("change", row["intention_change"]).lower(),
        ),
        "next_review": words.day(row["next_review_date"]),
    }


def address_line(person: Row, words: Words) -> str:
    """Where the person lives, or why that is not shown."""
    if person["has_protected_address"]:
        return words("address_protected")
    place = " ".join(part for part in (clean(person["postcode"]), clean(person["municipality_name"])) if part)
    return ", ".join(part for part in (clean(person["street_address"]), place) if part) or words(
        "address_unknown"
    )


def _who(person: Row, words: Words) -> list[dict[str, str]]:
    weight = person["weakest_match_weight"]
    link_detail = (
        words("link_weight", weight=words.number(weight)) if weight is not None else words("link_by_number")
    )
    return [
        {"label": words("fact_born"), "text": words.day(person["birth_date"]) or words("unknown")},
        {"label": words("fact_address"), "text": address_line(person, words)},
        {
            "label": words("fact_known_by"),
            "text": ", ".join(sorted(words.agency(a) for a in (person["agencies"] or "").split(",") if a)),
        },
        {"label": words("fact_records"), "text": words.counted("record", person["record_count"] or 0)},
        {"label": words("fact_link"), "text": f"{words.likelihood(weight)} ({link_detail})"},
        {"label": words("fact_person_id"), "text": person["person_id"]},
    ]


def _indicator(row: Row, facts: Facts, words: Words) -> dict[str, Any]:
    evidence = [_evidence(item, facts, words) for item in row["evidence"]]
    left_out = len(evidence) - MOST_EVIDENCE_ROWS
    return {
        "code": row["indicator_code"],
        "version": f"v{row['indicator_version']}",
        "name": words.rule_name(row["indicator_code"]),
        "dimension": words(f"dimension_{row['dimension']}"),
        "points": words.number(row["points"] or 0),
        "explanation": clean(row[f"explanation_{words.language}"]),
        "evidence": evidence[:MOST_EVIDENCE_ROWS],
        "left_out": words("evidence_left_out", number=left_out) if left_out > 0 else "",
    }


def _evidence(item: dict[str, Any], facts: Facts, words: Words) -> str:
    parts = [
        words.agency(item["agency"]),
        words.extract(item["agency"], item["extract"]),
        clean(str(item["source_row_id"])),
        words.iso_day(item.get("date")),
        _enterprise_reference(item.get("orgnr"), facts),
    ]
    return " · ".join(part for part in parts if part)


def _enterprise_reference(orgnr: str | None, facts: Facts) -> str:
    if not orgnr:
        return ""
    name = clean(facts.enterprise_name(orgnr))
    return f"{name} ({orgnr})" if name else orgnr


def _in_favour(person_id: str, facts: Facts, words: Words) -> list[str]:
    """Dropped charges, acquittals, reversed reactions, dismissals, and what was checked without a finding."""
    found = [
        words(
            "favour_case",
            number=clean(row["case_number"]),
            category=words.label("offence_category", row["offence_category_code"]).lower(),
            outcome=words.label("outcome", row["outcome_code"]).lower(),
            date=words.day(row["outcome_date"]),
        )
        for row in sorted(facts.cases[person_id], key=lambda row: row["case_number"])
        if facts.is_closed_without_guilt(row)
    ]
    found += [
        words(
            "favour_reversed",
            number=words.counted("reaction", row["reversed_count"]),
            enterprise=_enterprise_reference(row["orgnr"], facts),
            date=words.day(row["inspection_date"]),
        )
        for row in facts.inspections_of(person_id)
        if row["reversed_count"]
    ]
    found += [
        words("favour_dismissed", date=words.day(row["decided_date"]))
        for row in latest_first(facts.decisions[person_id])
        if row["status"] == "avskrevet"
    ]
    clear = [row for row in facts.observations[person_id] if row["checked"] == "clear"]
    if clear:
        names = ", ".join(sorted(words.rule_name(row["indicator_code"]) for row in clear))
        found.append(words("favour_clear", number=len(clear), names=names))
    return found


def _unchecked(person_id: str, facts: Facts, words: Words) -> list[str]:
    rows = [row for row in facts.observations[person_id] if row["checked"] == "unavailable"]
    return [
        ": ".join(
            p
            for p in (words.rule_name(row["indicator_code"]), clean(row[f"explanation_{words.language}"]))
            if p
        )
        for row in sorted(rows, key=lambda row: row["indicator_code"])
    ]


def _enterprises(person_id: str, facts: Facts, words: Words) -> list[dict[str, str]]:
    lines = []
    roles = sorted(
        facts.roles[person_id], key=lambda row: (row["orgnr"], str(row["valid_from"]), row["role_id"])
    )
    for orgnr in dict.fromkeys(role["orgnr"] for role in roles):
        own = [role for role in roles if role["orgnr"] == orgnr]
        enterprise = facts.enterprises.get(orgnr)
        latest = max(str(role["valid_from"]) for role in own)
        lines.append(
            (any(role["is_active"] for role in own), latest, _enterprise(orgnr, enterprise, own, words))
        )
    return [line for _, _, line in sorted(lines, key=lambda entry: entry[:2], reverse=True)]


def _enterprise(orgnr: str, enterprise: Row | None, roles: list[Row], words: Words) -> dict[str, str]:
    spans = [
        f"{words.label('role', r['role_code'])} {words.span(r['valid_from'], r['valid_to'])}" for r in roles
    ]
    line = {
        "orgnr": orgnr,
        "name": orgnr,
        "industry": "",
        "place": "",
        "state": "",
        "roles": ", ".join(spans),
    }
    if enterprise is None:
        return line
    return line | {
        "name": f"{clean(enterprise['enterprise_name'])} ({clean(enterprise['legal_form_code'])})",
        "industry": clean(enterprise["industry_name"]),
        "place": clean(enterprise["city"]),
        "state": _enterprise_state(enterprise, words),
    }


def _enterprise_state(enterprise: Row, words: Words) -> str:
    if enterprise["is_bankrupt"]:
        return words("state_bankrupt", date=words.day(enterprise["bankruptcy_date"]))
    if enterprise["deleted_date"]:
        return words("state_deleted", date=words.day(enterprise["deleted_date"]))
    if enterprise["is_winding_up"] or enterprise["is_compulsory_dissolution"]:
        return words("state_winding_up")
    return words("state_active")


def _event(day: Any, text: str, orgnr: str | None, facts: Facts, words: Words) -> dict[str, str]:
    return {"date": words.day(day), "text": text, "enterprise": _enterprise_reference(orgnr, facts)}
