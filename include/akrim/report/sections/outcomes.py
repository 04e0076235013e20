"""What became of the agencies' reports to the police: counts by outcome, and the newest reports."""

from collections import Counter
from typing import Any

from akrim.report.profile.facts import Row
from akrim.report.wording import Words, clean
from akrim.sharing import Tables

MAX_OUTCOMES = 60


def outcomes_section(tables: Tables, words: Words) -> dict[str, Any]:
    """Counts by outcome, and one row per report."""
    rows = tables["case_outcomes"].to_pylist()
    rows.sort(
        key=lambda row: (str(row["report_date"]), row["reporting_agency"], row["reference"]), reverse=True
    )
    counts = Counter(row["outcome_code"] for row in rows)
    largest = sorted(counts.items(), key=lambda entry: (-entry[1], str(entry[0])))
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
        "rows": [_outcome(row, words) for row in rows[:MAX_OUTCOMES]],
        "left_out": words("outcomes_left_out", shown=MAX_OUTCOMES, total=len(rows))
        if len(rows) > MAX_OUTCOMES
        else "",
    }


def _outcome(row: Row, words: Words) -> dict[str, str]:
    return {
        "agency": words.agency(row["reporting_agency"]),
        "reference": clean(row["reference"]),
        "reported": words.day(row["report_date"]),
        "case": clean(row["case_number"]) or "\u2013",
        "outcome": words.label("outcome", row["outcome_code"]) or words("outcome_none"),
        "date": words.day(row["outcome_date"]),
    }
