"""The management teams' decisions on a person: the status in short, and the earlier ones, each with what has changed since."""

from collections.abc import Sequence

from akrim.report.blocks import Block, Content, Heading, Table, Text, columns
from akrim.report.profile.contradictory import contradiction
from akrim.report.profile.facts import Facts, Row, newest_first
from akrim.report.wording import Words, clean


def decisions_part(person_id: str, facts: Facts, words: Words) -> Sequence[Block]:
    """The decisions as a table, the newest first."""
    header = columns(
        words, date="short", status=1, priority=0.9, responsible=1.2, effect_heading=1.5, next_review="short"
    )
    decisions = newest_first(facts.decisions[person_id])
    rows = [_decision(row, contradiction(row, decisions, words), facts, words) for row in decisions]
    return Heading(words("decisions"), 2), Table(header, rows, words("decisions_none"))


def _decision(row: Row, contradicts: str, facts: Facts, words: Words) -> Sequence[Content]:
    effect = words(
        "effect",
        capacity=words.label("change", row["capacity_change"]).lower(),
        intention=words.label("change", row["intention_change"]).lower(),
    )
    # What was decided after the cut-off date cannot have had an effect on data from before it.
    changed = None if row["is_after_cut_off"] else facts.since_decision.get(row["decision_id"])
    since = (_moved(row, words), _since(changed, words))
    return (
        (
            words.day(row["decided_date"]),
            Text(words("after_cut_off") if row["is_after_cut_off"] else "", "below"),
            Text(words.label("centre", row["centre_id"]), "below"),
        ),
        (words.label("status", row["status"]), Text(contradicts, "below")),
        (
            words.label("priority", row["priority_code"]),
            Text(words.label("reason", row["reason_code"]), "below"),
        ),
        (words.agency(row["responsible_agency"]), Text(clean(row["actions"]), "below")),
        (effect, Text(" ".join(filter(None, since)), "below")),
        words.day(row["next_review_date"]),
    )


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
    told = words("since_decision", what=", ".join(found)) if found else ""
    no_effect = [words(f"no_effect_{kind}") for kind in ("relinked", "corrected") if row[f"is_{kind}"]]
    return " ".join([told, *no_effect]) if told else ""


def status_badge(entry: Row, words: Words) -> list[Text]:
    """The status that was decided, or else the proposed one marked as such."""
    notes = [Text(note, "below") for note in entry["notes"]]
    if entry["status"]:
        return [Text(entry["status"], "strong"), Text(entry["since_dismissal"], "small"), *notes]
    if entry["proposed"]:
        return [Text(entry["proposed"]), Text(f"({words('proposed').lower()})", "small"), *notes]
    return notes
