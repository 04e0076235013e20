"""The report's first page and its section on outcomes: what a director must know before reading about anybody."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from akrim.releases.changes import ORDER, Change
from akrim.releases.facts import Row, rows_by
from akrim.releases.profiles import latest_first
from akrim.releases.tables import Tables
from akrim.releases.words import Words, clean

if TYPE_CHECKING:
    from akrim.releases.content import Edition

# The next release comes four months later: what falls due before it must be decided on this one.
DAYS_TO_NEXT_RELEASE = 122
# The centres send decisions when they have some: that there are none is no missing delivery.
DECISIONS_AGENCY = "sentrene"
STATUSES = ("sentral_trusselaktor", "trusselaktor", "potensiell_trusselaktor", "av_interesse", "avskrevet")
MOST_CHANGES = 40
MOST_OUTCOMES = 60


def overview_of(
    edition: "Edition",
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
        "figures": _figures(tables, changes, due, words),
        "ages": ages,
        "ages_warning": _ages_warning(ages, words),
        "statuses": _statuses(tables, words),
        "changes": _changes(edition, ranking, changes, words),
        "due": due,
    }


def outcomes_of(tables: Tables, words: Words) -> dict[str, Any]:
    """What became of the agencies' reports to the police."""
    rows = tables["case_outcomes"].to_pylist()
    rows.sort(
        key=lambda row: (str(row["report_date"]), row["reporting_agency"], row["reference"]), reverse=True
    )
    counted = Counter(row["outcome_code"] for row in rows)
    largest = sorted(counted.items(), key=lambda entry: (-entry[1], str(entry[0])))
    return {
        "total": words.counted("report", len(rows)),
        "summary": [
            {
                "label": words.label("outcome", code) if code else words("outcome_none"),
                "number": words.number(number),
                "share": words("share", percent=words.number(round(100 * number / len(rows)))),
                "width": round(100 * number / len(rows)),
            }
            for code, number in largest
        ],
        "rows": [_outcome(row, words) for row in rows[:MOST_OUTCOMES]],
        "left_out": words("outcomes_left_out", shown=MOST_OUTCOMES, total=len(rows))
        if len(rows) > MOST_OUTCOMES
        else "",
    }


def _figures(
    tables: Tables, changes: list[Change], due: list[dict[str, str]], words: Words
) -> list[dict[str, str]]:
    kinds = Counter(change["change"] for change in changes)
    entries = (
        ("persons", tables["release_persons"].column("person_id").unique().__len__()),
        ("listed", tables["assessments"].num_rows),
        ("new", kinds["entered"]),
        ("due", len(due)),
    )
    return [
        {"number": words.number(number), "label": words(f"figure_{key}"), "note": words(f"figure_{key}_note")}
        for key, number in entries
    ]


def _age(row: Row, words: Words) -> dict[str, str]:
    state = "missing" if row["is_missing"] else "stale" if row["is_stale"] else "fresh"
    return {
        "agency": words.agency(row["agency"]),
        "period": row["newest_period"] or "\u2013",
        "as_of": words.day(row["as_of"]) or "\u2013",
        "days": "\u2013" if row["days_old"] is None else words.counted("day", row["days_old"]),
        "state": state,
        "state_text": words(f"age_{state}"),
    }


def _ages_warning(ages: list[dict[str, str]], words: Words) -> str:
    concerned = {state: [a["agency"] for a in ages if a["state"] == state] for state in ("missing", "stale")}
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


def _changes(
    edition: "Edition", ranking: list[dict[str, Any]], changes: list[Change], words: Words
) -> dict[str, Any]:
    kinds = Counter(change["change"] for change in changes)
    if edition.previous_release_id is None:
        return {"note": words("changes_first"), "summary": [], "rows": [], "left_out": ""}
    entries = {entry["person_id"]: entry for entry in ranking}
    lines = [_change(change, entries, words) for change in changes]
    note = words("changes_note" if changes else "changes_none", previous=edition.previous_release_id)
    return {
        "note": note,
        "summary": [
            {"label": words(f"change_{kind}"), "number": words.number(kinds[kind])}
            for kind in ORDER
            if kinds[kind]
        ],
        "rows": lines[:MOST_CHANGES],
        "left_out": words("changes_left_out", number=len(lines) - MOST_CHANGES)
        if len(lines) > MOST_CHANGES
        else "",
    }


def _change(change: Change, entries: dict[str, dict[str, Any]], words: Words) -> dict[str, str]:
    """A line on one change. Who has left may be no person of the centre's any more: then the id alone is shown."""
    entry = entries.get(change["person_id"])
    return {
        "person_id": change["person_id"],
        "name": entry["name"] if entry else change["person_id"],
        "change": words(f"change_{change['change']}"),
        "from_to": _from_to(change, words),
        "cause": words(f"cause_{change['cause']}"),
    }


def _from_to(change: Change, words: Words) -> str:
    before, after = change["before"], change["after"]
    if change["change"] == "status":
        pair = [_status(line, words) for line in (before, after)]
    elif change["change"] in ("rose", "fell", "entered", "left"):
        pair = [
            words("points", number=words.number(line["total_points"])) if line else "\u2013"
            for line in (before, after)
        ]
    else:
        pair = [change["old_person_id"], change["person_id"]]
    return " \u2192 ".join(pair)


def _status(line: Row, words: Words) -> str:
    if line["status"]:
        return words.label("status", line["status"])
    return words("proposed_as", status=words.label("status", line["proposed_status"]) or words("status_none"))


def _due(
    edition: "Edition", tables: Tables, ranking: list[dict[str, Any]], words: Words
) -> list[dict[str, str]]:
    """The centre's own decisions in force that are to be looked at again before the next release."""
    names: dict[str, str] = {entry["person_id"]: entry["name"] for entry in ranking}
    own = tables["prioritisations"].filter(
        pc.equal(tables["prioritisations"]["centre_id"], edition.centre_id)
    )
    newest = [latest_first(rows)[0] for rows in rows_by(own, "person_id").values()]
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


def _outcome(row: Row, words: Words) -> dict[str, str]:
    return {
        "agency": words.agency(row["reporting_agency"]),
        "reference": clean(row["reference"]),
        "reported": words.day(row["report_date"]),
        "case": clean(row["case_number"]) or "\u2013",
        "outcome": words.label("outcome", row["outcome_code"]) or words("outcome_none"),
        "date": words.day(row["outcome_date"]),
    }
