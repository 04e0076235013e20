"""The report's first page."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pyarrow.compute as pc

from akrim.changes import Change
from akrim.report.edition import Edition
from akrim.report.profile.facts import Row, newest_first, rows_by
from akrim.report.sections.developments import changes_section
from akrim.report.sections.situation import situation_tables
from akrim.report.wording import Words
from akrim.sharing import Tables

# The next release comes in four months; what falls due before then must be decided on this one.
DAYS_TO_NEXT_RELEASE = 122
# Centres send decisions only when they have some, so none is not a missing delivery.
DECISIONS_AGENCY = "sentrene"
MAX_DUE = 10
STATUSES = ("sentral_trusselaktor", "trusselaktor", "potensiell_trusselaktor", "av_interesse", "avskrevet")


def overview_section(
    edition: Edition,
    tables: Tables,
    ranking: list[dict[str, Any]],
    changes: list[Change],
    words: Words,
) -> dict[str, Any]:
    """Figures, data ages, statuses, changes and decisions due."""
    ages = [
        _age(row, words) for row in tables["delivery_ages"].to_pylist() if row["agency"] != DECISIONS_AGENCY
    ]
    due = _due(edition, tables, ranking, words)
    return {
        "figures": _figures(tables, ranking, changes, due, words),
        "ages": ages,
        "ages_warning": _ages_warning(ages, words),
        "statuses": _statuses(tables, words),
        "changes": changes_section(edition, ranking, changes, words),
        "due": due[:MAX_DUE],
        "due_left_out": words.counted("due_left_out", len(due) - MAX_DUE) if len(due) > MAX_DUE else "",
        "situation": situation_tables(edition, tables, words),
    }


def _figures(
    tables: Tables,
    ranking: list[dict[str, Any]],
    changes: list[Change],
    due: list[dict[str, str]],
    words: Words,
) -> list[dict[str, str]]:
    kinds = Counter(change["change"] for change in changes)
    entries = (
        ("persons", tables["release_persons"].column("person_id").unique().__len__()),
        ("listed", sum(not entry["is_dismissed"] for entry in ranking)),
        ("new", kinds["entered"]),
        ("due", len(due)),
    )
    return [
        {
            "number": words.number(number),
            "label": words(f"figure_{key}_one" if number == 1 else f"figure_{key}_many"),
            "note": words(f"figure_{key}_note"),
        }
        for key, number in entries
    ]


def _age(row: Row, words: Words) -> dict[str, str]:
    empty = row["empty_extracts"] or ""
    state = "missing" if row["is_missing"] else "stale" if row["is_stale"] else "empty" if empty else "fresh"
    return {
        "agency": words.agency(row["agency"]),
        "period": row["newest_period"] or "\u2013",
        "as_of": words.day(row["as_of"]) or "\u2013",
        "days": "\u2013" if row["days_old"] is None else words.counted("day", row["days_old"]),
        "state": state,
        "state_text": words(f"age_{state}"),
        "empty_text": words("empty_extracts", extracts=empty.replace(",", ", ")) if empty else "",
    }


def _ages_warning(ages: list[dict[str, str]], words: Words) -> str:
    concerned = {
        "missing": [a["agency"] for a in ages if a["state"] == "missing"],
        "empty": [a["agency"] for a in ages if a["empty_text"]],
        "stale": [a["agency"] for a in ages if a["state"] == "stale"],
    }
    parts = [
        words(f"ages_warning_{state}", agencies=", ".join(names))
        for state, names in concerned.items()
        if names
    ]
    return " ".join(parts)


def _statuses(tables: Tables, words: Words) -> list[dict[str, str]]:
    decided = Counter(tables["assessments"].column("status").to_pylist())
    proposed = Counter(tables["assessments"].column("proposed_status").to_pylist())
    lines = [
        {
            "label": words.label("status", status),
            "decided": words.number(decided[status]),
            "proposed": words.number(proposed[status]) if status != "avskrevet" else "\u2013",
        }
        for status in STATUSES
    ]
    none = {
        "label": words("status_none"),
        "decided": words.number(decided[None]),
        "proposed": words.number(proposed[None]),
    }
    return [*lines, none]


def _due(
    edition: Edition, tables: Tables, ranking: list[dict[str, Any]], words: Words
) -> list[dict[str, str]]:
    """The centre's own decisions in force that are due for review before the next release."""
    names: dict[str, str] = {entry["person_id"]: entry["name"] for entry in ranking}
    own = tables["prioritisations"].filter(
        pc.equal(tables["prioritisations"]["centre_id"], edition.centre_id)
    )
    newest = [newest_first(rows)[0] for rows in rows_by(own, "person_id").values()]
    limit = edition.as_of + timedelta(days=DAYS_TO_NEXT_RELEASE)
    due = [row for row in newest if row["next_review_date"] and row["next_review_date"] <= limit]
    return [
        {
            "person_id": row["person_id"],
            "name": names.get(row["person_id"]) or str(row["person_id"]),
            "due": words.day(row["next_review_date"]),
            "overdue": words("overdue") if row["next_review_date"] < edition.as_of else "",
            "agency": words.agency(row["responsible_agency"]),
            "priority": words.label("priority", row["priority_code"]),
        }
        for row in sorted(due, key=lambda row: (row["next_review_date"], row["person_id"]))
    ]
