"""One person's profile: facts, who works on it, what speaks for the person and what was not checked; then what the rules found, and all behind it."""

from collections.abc import Sequence
from typing import Any

from akrim.report import blocks
from akrim.report.blocks import Block, Card, Notice, Paragraph, Run, Text
from akrim.report.profile.control import control_part
from akrim.report.profile.coordination import coordination_part
from akrim.report.profile.decisions import decisions_part, status_badge
from akrim.report.profile.enterprises import enterprises_part
from akrim.report.profile.events import events_of, events_part
from akrim.report.profile.facts import Facts, Row
from akrim.report.profile.fairness import disputed_facts, fairness_part
from akrim.report.profile.findings.brief import in_short
from akrim.report.profile.findings.evidence import indicators_part
from akrim.report.profile.findings.proposal import proposal_line
from akrim.report.profile.findings.shared_events import shared_events_part
from akrim.report.profile.measures import measures_part
from akrim.report.profile.network import network_part
from akrim.report.profile.timeline import timeline_part
from akrim.report.wording import Words, clean


def build_profile(entry: dict[str, Any], facts: Facts, words: Words, with_measures: bool) -> Card:
    """The profile of a person on the ranked list.

    Args:
        entry: the person's line in the ranked list.
        with_measures: whether to add the measures that the rules suggest.
    """
    person_id = entry["person_id"]
    events = events_of(person_id, facts, words)
    parts: Sequence[Sequence[Block]] = (
        _notices(entry, facts, words),
        (Paragraph(in_short(person_id, facts, words), "lead"),),
        _who(entry, facts, words),
        coordination_part(person_id, facts, words),
        fairness_part(person_id, facts, words),
        timeline_part(person_id, facts, events, words),
        indicators_part(person_id, facts, words),
        shared_events_part(person_id, facts, words),
        control_part(person_id, facts, words),
        enterprises_part(person_id, facts, words),
        network_part(entry, facts, words),
        decisions_part(person_id, facts, words),
        measures_part(person_id, facts, words) if with_measures and not entry["is_dismissed"] else (),
        events_part(events, facts, words),
    )
    return Card(
        place=entry["place"],
        rank=entry["rank"],
        name=entry["name"],
        lines=_lines(entry, words),
        scores=[(words(key), entry[key]) for key in ("total", "intention", "capacity")],
        blocks=[block for part in parts for block in part],
        is_dismissed=entry["is_dismissed"],
    )


def _lines(entry: dict[str, Any], words: Words) -> Sequence[Run]:
    moves = ", ".join(entry["moves"])
    return (
        *status_badge(entry, words),
        Text(moves[:1] + moves[1:].lower(), "line"),
        Text(entry["weak"], "below"),
    )


def _notices(entry: dict[str, Any], facts: Facts, words: Words) -> Sequence[Block]:
    notices = []
    if entry["is_dismissed"]:
        notices.append(Notice(words("dismissed_banner", date=entry["status_since"])))
    if disputed := disputed_facts(entry["person_id"], facts, words):
        notices.append(Notice(words("disputed_heading"), disputed))
    return notices


def _who(entry: dict[str, Any], facts: Facts, words: Words) -> Sequence[Block]:
    person = facts.persons[entry["person_id"]]
    # Of a listed person the number of records is known, unless some of them may not be told of.
    is_told = person["record_count"] is not None
    known = ", ".join(words.agencies(person["agencies"]))
    is_weak = entry["is_weakly_linked"]
    if entry["range"]:
        points = words("points_range" if is_weak else "points_range_others", range=entry["range"])
    else:
        points = words("points_same") if is_weak else ""
    texts = {
        "proposal": proposal_line(entry["person_id"], entry["proposed_code"], facts, words),
        "ahead": entry["ahead"],
        "born": words.day(person["birth_date"]) or words("unknown"),
        "address": address_line(person, words),
        "known_by": known[:1].upper() + known[1:],
        "records": words.counted("record", person["record_count"]) if is_told else words("not_shared"),
        "link": "; ".join(filter(None, [f"{entry['link']} ({entry['link_rests_on']})", points]))
        if is_told
        else words("not_shared"),
        "person_id": person["person_id"],
    }
    return (blocks.Facts([(words(f"fact_{key}"), text) for key, text in texts.items() if text]),)


def address_line(person: Row, words: Words) -> str:
    """Where the person lives, or why that is not shown."""
    if person["has_protected_address"]:
        return words("address_protected")
    place = " ".join(part for part in (clean(person["postcode"]), clean(person["municipality_name"])) if part)
    return ", ".join(part for part in (clean(person["street_address"]), place) if part) or words(
        "address_unknown"
    )
