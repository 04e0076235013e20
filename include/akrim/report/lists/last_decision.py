"""What a centre decided last on each person, network or enterprise, in one text."""

from typing import Any

import pyarrow as pa

from akrim.report.profile.contradictory import contradictions
from akrim.report.profile.facts import Row, newest_first, rows_by
from akrim.report.wording import Words, clean
from akrim.texts import texts


def last_decisions(decisions: pa.Table, subject: str, centre_id: str, words: Words) -> dict[str, str]:
    """When, what, who answers for it, when it is looked at again, measures, and what contradicts; of the centre's own decisions, by whom they are on.

    Args:
        decisions: prioritisations or group_decisions.
        subject: the column that says on whom.
    """
    return {
        subject_id: " ".join(
            [_told(own[0], words), *(told for _, told in contradictions(own[0], own, words))]
        )
        for subject_id, rows in rows_by(decisions, subject).items()
        if (own := newest_first([row for row in rows if row["centre_id"] == centre_id]))
    }


def _told(row: Row, words: Words) -> str:
    decided: dict[str, Any] = {
        "date": words.day(row["decided_date"]),
        "priority": words.label("priority", row["priority_code"]),
        "agency": words.agency(row["responsible_agency"]),
    }
    review = (
        words("form_last_review", date=words.day(row["next_review_date"])) if row["next_review_date"] else ""
    )
    # Free text, which need not begin as a sentence does.
    actions = clean(row["actions"])
    quoted = texts(words.language, "language")["quoted"].format(actions) if actions else ""
    return " ".join(filter(None, [words("form_last_decision", **decided), review, quoted]))
