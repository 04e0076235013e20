"""What changed since the previous release and why: counts by kind and cause, and the largest changes as text.

docs/changes.md describes the changes that this reads.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from akrim.changes import Change
from akrim.report.edition import Edition
from akrim.report.profile.facts import Row
from akrim.report.wording import Words, clean

KINDS = ("entered", "left", "rose", "fell", "status", "merged", "split", "corrected", "erased")
CAUSES = (
    "source", "linkage", "link_decision", "prioritisation", "rule", "code", "correction", "erasure",
)  # fmt: skip
MAX_CHANGES = 40
DASH = "\u2013"


def changes_section(
    edition: Edition, ranking: list[dict[str, Any]], changes: list[Change], words: Words
) -> dict[str, Any]:
    """The changes against the previous release; a first release says that it is the first."""
    entries = {entry["person_id"]: entry for entry in ranking}
    if edition.previous_release_id is None:
        return _summary(words("changes_first"), [], entries, words) | _corrections(edition, words)
    key = "changes_note" if changes else "changes_none"
    summary = _summary(words(key, previous=edition.previous_release_id), changes, entries, words)
    return summary | _corrections(edition, words) | _last_period(edition, entries, words)


def _summary(
    note: str, changes: Sequence[Change], entries: dict[str, dict[str, Any]], words: Words
) -> dict[str, Any]:
    by_weight = sorted(changes, key=_weight, reverse=True)
    lines = [_line(change, entries, words) for change in by_weight[:MAX_CHANGES]]
    left_out = len(changes) - len(lines)
    return {
        "note": note,
        **_matrix(changes, words),
        "rows": lines,
        "left_out": words.counted("changes_left_out", left_out) if left_out else "",
        "corrections": [],
        "last_period": None,
    }


def _weight(change: Change) -> tuple[bool, int, bool]:
    """Decisions and corrections by people first, then by points."""
    points = [(line or {}).get("total_points", 0) for line in (change["before"], change["after"])]
    by_people = change["change"] in ("status", "merged", "split", "corrected", "erased")
    return by_people, abs(points[1] - points[0]), change["change"] == "entered"


def _matrix(changes: Sequence[Change], words: Words) -> dict[str, Any]:
    """The number of changes by kind and first cause, without empty rows and columns."""
    counts = Counter((change["change"], change["cause"]) for change in changes)
    kinds = [kind for kind in KINDS if any(key[0] == kind for key in counts)]
    causes = [cause for cause in CAUSES if any(key[1] == cause for key in counts)]
    return {
        "causes": [words(f"cause_{cause}") for cause in causes],
        "matrix": [
            {
                "label": words(f"change_{kind}"),
                "cells": [words.number(counts[kind, c]) if counts[kind, c] else "" for c in causes],
                "total": words.number(sum(counts[kind, c] for c in causes)),
            }
            for kind in kinds
        ],
    }


def _line(change: Change, entries: dict[str, dict[str, Any]], words: Words) -> dict[str, Any]:
    """One change. A person who left is shown by id alone where the centre may no longer see the name."""
    entry = entries.get(change["person_id"])
    return {
        "person_id": change["person_id"],
        "name": entry["name"] if entry else change["person_id"],
        "change": words(f"change_{change['change']}"),
        "from_to": _from_to(change, words),
        "causes": [_cause(cause, words) for cause in change["causes"]],
    }


def _cause(cause: Row, words: Words) -> str:
    """The cause, its own points, and the detail without the cause that it begins with."""
    text = words(f"cause_{cause['cause']}")
    if cause["points"]:
        text += f" ({words.signed(cause['points'])})"
    detail = clean(cause[f"detail_{words.language}"]).partition(": ")[2]
    return f"{text}: {detail}" if detail else text


def _from_to(change: Change, words: Words) -> str:
    before, after = change["before"], change["after"]
    if change["change"] == "status":
        pair = [_status(line, words) for line in (before, after)]
    elif "old_person_id" in change:
        pair = [change["old_person_id"], change["person_id"]]
    else:
        pair = [
            words("points", number=words.number(line["total_points"])) if line else DASH
            for line in (before, after)
        ]
    return " \u2192 ".join(pair)


def _status(line: Row | None, words: Words) -> str:
    if line is None:
        return DASH
    if line["status"]:
        return words.label("status", line["status"])
    return words("proposed_as", status=words.label("status", line["proposed_status"]) or words("status_none"))


def _corrections(edition: Edition, words: Words) -> dict[str, Any]:
    return {
        "corrections": [
            {
                "case": clean(case["case_id"]),
                "kind": words(f"correction_{case['kind']}"),
                "state": words(f"correction_{case['state']}"),
                "about": ", ".join(
                    part
                    for part in (
                        words.agency(case["agency"]) if case.get("agency") else "",
                        words.extract(case["agency"], case["extract"]) if case.get("extract") else "",
                    )
                    if part
                ),
                "since": words.iso_day(case["disputed_since"]),
                "reason": clean(case["reason"]),
            }
            for case in edition.corrections
        ]
    }


def _last_period(edition: Edition, entries: dict[str, dict[str, Any]], words: Words) -> dict[str, Any]:
    """For a revision: the changes since the last release of the period before."""
    earlier = edition.since_last_period
    if earlier is None:
        return {"last_period": None}
    note = words("changes_note", previous=earlier["previous"])
    return {"last_period": _summary(note, earlier["changes"], entries, words)}
