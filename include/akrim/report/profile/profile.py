"""One person's profile: facts, indicators, what speaks for the person, what was not checked, how sure the links are."""

from typing import Any

from akrim.report.profile.coordination import coordination_sentences
from akrim.report.profile.events import events_of
from akrim.report.profile.evidence import enterprise_reference, indicator_entry
from akrim.report.profile.facts import Facts, Row, newest_first
from akrim.report.profile.fairness import disputed_facts, in_favour_of, unchecked_rules
from akrim.report.profile.measures import suggested_measures
from akrim.report.profile.network import network_drawing
from akrim.report.profile.timeline import timeline_drawing
from akrim.report.wording import Words, clean

# The PDF shows the newest events, the HTML all.
EVENTS_IN_PRINT = 24


def build_profile(
    entry: dict[str, Any], facts: Facts, words: Words, with_measures: bool = False
) -> dict[str, Any]:
    """The profile of a person on the ranked list.

    Args:
        entry: the person's line in the ranked list.
        with_measures: whether to add the measures that the rules suggest.
    """
    person_id = entry["person_id"]
    person = facts.persons[person_id]
    events = events_of(person_id, facts, words)
    return {
        **entry,
        "facts": _who(person, entry, words),
        "indicators": [indicator_entry(row, facts, words) for row in facts.fired(person_id)],
        "in_favour": in_favour_of(person_id, facts, words),
        "unchecked": unchecked_rules(person_id, facts, words),
        "disputed": disputed_facts(person_id, facts, words),
        "timeline": timeline_drawing(person_id, facts, events, words),
        "events": [_event(event.day, event.text, event.orgnr, facts, words) for event in events],
        "events_left_out": words("events_left_out", shown=EVENTS_IN_PRINT, total=len(events)),
        "enterprises": _enterprises(person_id, facts, words),
        "network": network_drawing(entry, facts, words),
        "coordination": coordination_sentences(person_id, facts, words),
        "decisions": [decision_entry(row, facts, words) for row in newest_first(facts.decisions[person_id])],
        "measures": suggested_measures(person_id, facts, words)
        if with_measures and not entry["is_dismissed"]
        else [],
        "dismissed_banner": words("dismissed_banner", date=entry["status_since"]),
    }


def decision_entry(row: Row, facts: Facts, words: Words) -> dict[str, str]:
    """A decision as a table row, with what has changed since."""
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
        "since": " ".join(
            filter(None, (_moved(row, words), _since(facts.since_decision.get(row["decision_id"]), words)))
        ),
    }


def _moved(row: Row, words: Words) -> str:
    """A note where the person was merged or split after the decision."""
    return words(f"decision_{row['moved']}", person_id=row["decided_person_id"]) if row["moved"] else ""


def _since(row: Row | None, words: Words) -> str:
    """What differs from when the decision was made, as far as both were counted."""
    if row is None:
        return ""
    found = [
        words(
            f"since_{key}", then=words.number(row[f"{column}_then"]), now=words.number(row[f"{column}_now"])
        )
        for key, column in (
            ("intention", "intention_points"),
            ("capacity", "capacity_points"),
            ("roles", "active_leading_roles"),
        )
        if None not in (row[f"{column}_then"], row[f"{column}_now"])
    ]
    if row["bankruptcies_since"]:
        found.append(words.counted("bankruptcy", row["bankruptcies_since"]))
    return words("since_decision", what=", ".join(found)) if found else ""


def address_line(person: Row, words: Words) -> str:
    """Where the person lives, or why that is not shown."""
    if person["has_protected_address"]:
        return words("address_protected")
    place = " ".join(part for part in (clean(person["postcode"]), clean(person["municipality_name"])) if part)
    return ", ".join(part for part in (clean(person["street_address"]), place) if part) or words(
        "address_unknown"
    )


def _who(person: Row, entry: dict[str, Any], words: Words) -> list[dict[str, str]]:
    weight = person["weakest_match_weight"]
    link_detail = (
        words("link_weight", weight=words.number(weight)) if weight is not None else words("link_by_number")
    )
    known = ", ".join(words.agencies(person["agencies"]))
    points = f"; {words('points_range', range=entry['range'])}" if entry["range"] else ""
    return [
        {"label": words("fact_born"), "text": words.day(person["birth_date"]) or words("unknown")},
        {"label": words("fact_address"), "text": address_line(person, words)},
        {
            "label": words("fact_known_by"),
            "text": known[:1].upper() + known[1:],
        },
        {"label": words("fact_records"), "text": words.counted("record", person["record_count"] or 0)},
        {"label": words("fact_link"), "text": f"{words.likelihood(weight)} ({link_detail}){points}"},
        {"label": words("fact_person_id"), "text": person["person_id"]},
    ]


def _enterprises(person_id: str, facts: Facts, words: Words) -> list[dict[str, str]]:
    lines = []
    known = facts.enterprises_of(person_id)
    roles = sorted(
        facts.roles[person_id], key=lambda row: (row["orgnr"], str(row["valid_from"]), row["role_id"])
    )
    for orgnr in dict.fromkeys(role["orgnr"] for role in roles):
        own = [role for role in roles if role["orgnr"] == orgnr]
        enterprise = known.get(orgnr)
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
        "name": _named(enterprise),
        "industry": clean(enterprise["industry_name"]),
        "place": clean(enterprise["city"]),
        "state": _enterprise_state(enterprise, words),
    }


def _named(enterprise: Row) -> str:
    """The registered name, with the legal form where the name does not say it."""
    name, form = clean(enterprise["enterprise_name"]), clean(enterprise["legal_form_code"])
    return name if not form or name.upper().split()[-1:] == [form.upper()] else f"{name} ({form})"


def _enterprise_state(enterprise: Row, words: Words) -> str:
    if enterprise["is_bankrupt"]:
        return words("state_bankrupt", date=words.day(enterprise["bankruptcy_date"]))
    if enterprise["deleted_date"]:
        return words("state_deleted", date=words.day(enterprise["deleted_date"]))
    if enterprise["is_winding_up"] or enterprise["is_compulsory_dissolution"]:
        return words("state_winding_up")
    return words("state_active")


def _event(day: Any, text: str, orgnr: str | None, facts: Facts, words: Words) -> dict[str, str]:
    return {"date": words.day(day), "text": text, "enterprise": enterprise_reference(orgnr, facts)}
