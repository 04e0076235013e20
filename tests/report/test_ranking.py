"""The ranked list: dismissed persons come last, and points by weak links are shown as a range."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report.ranking import build_ranking
from akrim.report.wording import Words

WORDS = Words("nb")


def listed(*assessments: dict[str, Any]) -> list[dict[str, Any]]:
    usual = {
        "intention_points": 20, "capacity_points": 0, "total_points": 20, "fired_count": 1, "unavailable_count": 0,
        "proposed_status": "av_interesse", "status": None, "status_since": None, "weakest_match_weight": None,
        "strict_intention_points": 20, "strict_capacity_points": 0, "rests_on_weak_link": False, "new_fact_date": None,
        "disputes": "[]",
    }  # fmt: skip
    rows = [usual | {"person_id": f"p-{n}", "rank": n} | row for n, row in enumerate(assessments, start=1)]
    persons = [
        {"person_id": row["person_id"], "full_name": row["person_id"], "birth_date": None} for row in rows
    ]
    return build_ranking(
        {"assessments": pa.Table.from_pylist(rows), "persons": pa.Table.from_pylist(persons)}, [], WORDS
    )


def test_dismissed_persons_come_last_without_a_rank() -> None:
    dismissed = {"status": "avskrevet", "status_since": date(2026, 1, 20), "total_points": 200}
    lines = listed(dismissed, {}, {})

    assert [(line["person_id"], line["rank"]) for line in lines] == [("p-2", "1"), ("p-3", "2"), ("p-1", "–")]
    assert (lines[2]["status"], lines[2]["proposed"], lines[2]["is_dismissed"]) == ("Avskrevet", "", True)


def test_new_facts_after_a_dismissal_restore_the_rank() -> None:
    (line,) = listed({"status": "avskrevet", "new_fact_date": date(2026, 3, 2)})
    assert (line["rank"], line["is_dismissed"]) == ("1", False)
    assert line["since_dismissal"] == "(nye opplysninger 02.03.2026)"


@pytest.mark.parametrize(("strict", "shown"), [(20, ""), (8, "8–20"), (None, "")])
def test_the_range_shows_what_rests_on_weak_links(strict: int | None, shown: str) -> None:
    (line,) = listed({"strict_intention_points": strict})
    assert line["range"] == shown
