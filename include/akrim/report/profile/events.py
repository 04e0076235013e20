"""The dated events around a person, which the timeline and the table below it are both made from."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from akrim.report.blocks import Block, Folded, Heading, Table, Text, columns
from akrim.report.profile.facts import Facts, Row
from akrim.report.profile.findings.evidence import enterprise_reference, led_for_another
from akrim.report.profile.findings.sentences import EMPLOYMENTS, STATE
from akrim.report.wording import Words, clean

# The police's, the inspection authority's and the register's events come from their own marts, in more detail.
SHOWN_BY_MARTS = ("politiet", "arbeidstilsynet", "brreg")
# The PDF shows the newest events, the HTML all.
EVENTS_IN_PRINT = 24


class Event(NamedTuple):
    """A dated event; `kind` decides its symbol on the timeline, `orgnr` the lane that it is drawn in."""

    day: date
    kind: str
    text: str
    orgnr: str | None = None


def events_of(person_id: str, facts: Facts, words: Words) -> list[Event]:
    """The person's events up to the cut-off date, newest first."""
    found = {
        *_inspections(person_id, facts, words),
        *_bankruptcies(person_id, facts, words),
        *_cases(person_id, facts, words),
        *_controls(person_id, facts, words),
        *_decisions(person_id, facts, words),
    }
    dated = (event for event in found if event.day <= facts.as_of)
    return sorted(
        dated, key=lambda event: (event.day, event.kind, event.text, event.orgnr or ""), reverse=True
    )


def events_part(events: list[Event], facts: Facts, words: Words) -> Sequence[Block]:
    """The events as a table."""
    if not events:
        return ()
    header = columns(words, date="short", event=1)
    rows = [
        (words.day(event.day), (event.text, Text(enterprise_reference(event.orgnr, facts), "below")))
        for event in events
    ]
    left_out = words("events_left_out", shown=EVENTS_IN_PRINT, total=len(events))
    return (
        Folded(
            f"{words('events_table')} ({len(events)})",
            Heading(words("events_caption"), 2),
            Table(header, rows),
            EVENTS_IN_PRINT,
            left_out if len(events) > EVENTS_IN_PRINT else "",
        ),
    )


def inspection_text(inspection: Row, words: Words) -> str:
    """An inspection with its reactions; reversed ones are counted separately."""
    parts = [words.counted("breach", inspection["breach_count"] or 0)]
    for column, key in (
        ("stop_count", "stop"), ("fine_count", "fine"), ("police_report_count", "police_report"), ("reversed_count", "reversed"),
    ):  # fmt: skip
        if inspection[column]:
            parts.append(words.counted(key, inspection[column]))
    kind = words.label("inspection_type", inspection["inspection_type_code"])
    return words("event_inspection", kind=kind, result=", ".join(parts))


def _inspections(person_id: str, facts: Facts, words: Words) -> list[Event]:
    return [
        Event(
            row["inspection_date"],
            "severe_inspection" if row["is_severe"] else "inspection",
            inspection_text(row, words),
            row["orgnr"],
        )
        for row in facts.inspections_of(person_id)
    ]


def _bankruptcies(person_id: str, facts: Facts, words: Words) -> list[Event]:
    return [
        Event(row["bankruptcy_date"], "bankruptcy", words("event_bankruptcy"), row["orgnr"])
        for row in facts.bankruptcies[person_id]
        if row["bankruptcy_date"]
    ]


def _cases(person_id: str, facts: Facts, words: Words) -> list[Event]:
    found = []
    for row in facts.cases[person_id]:
        texts = {
            "category": words.label("offence_category", row["offence_category_code"]).lower(),
            "reporter": words.reporter(row["reporting_agency"]),
            "number": clean(row["case_number"]),
        }
        if row["reported_date"]:
            found.append(Event(row["reported_date"], "case", words("event_case", **texts)))
        if row["outcome_date"] and row["outcome_code"]:
            kind = "outcome_for" if facts.is_closed_without_guilt(row) else "outcome_against"
            outcome = words.label("outcome", row["outcome_code"])
            found.append(
                Event(
                    row["outcome_date"], kind, words("event_outcome", outcome=outcome, number=texts["number"])
                )
            )
    return found


def _controls(person_id: str, facts: Facts, words: Words) -> list[Event]:
    """Rows that rules rest on, each once: not every rule asks for whom the enterprise was led, so that whoever says it is believed."""
    told: dict[tuple[str | None, ...], Row] = {}
    for row in facts.fired(person_id):
        for item in row["evidence"]:
            if item["agency"] in SHOWN_BY_MARTS or not item.get("date") or _is_state(item, facts):
                continue
            key = tuple(item.get(name) for name in ("agency", "extract", "source_row_id", "date", "orgnr"))
            if key not in told or led_for_another(item, words):
                told[key] = item
    return [
        Event(date.fromisoformat(item["date"]), "control", _control_text(item, facts, words))
        for item in told.values()
    ]


def _is_state(item: Row, facts: Facts) -> bool:
    """Whether it is so on the cut-off date, and did not happen then: arrears, and an employment that lasts."""
    lasts: bool = item["extract"] == EMPLOYMENTS and item["date"] == facts.as_of.isoformat()
    return lasts or bool(item["extract"] == STATE)


def _control_text(item: Row, facts: Facts, words: Words) -> str:
    """An agency's row; one without its id concerns a worker, and the text says so."""
    orgnr = item.get("orgnr")
    at = words("evidence_at", enterprise=clean(facts.enterprise_name(orgnr)) or orgnr) if orgnr else ""
    return words(
        "event_control" if item.get("source_row_id") else "event_control_worker",
        agency=words.agency(item["agency"]),
        extract=words.extract(item["agency"], item["extract"]),
        where=at + led_for_another(item, words),
    )


def _decisions(person_id: str, facts: Facts, words: Words) -> list[Event]:
    return [
        Event(
            row["decided_date"],
            "decision",
            words(
                "event_decision",
                priority=words.label("priority", row["priority_code"]),
                status=words.label("status", row["status"]),
            ),
        )
        for row in facts.decisions[person_id]
        if row["decided_date"]
    ]
