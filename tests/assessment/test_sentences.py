"""A report says in every language what the marts say in two."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report import Words, clean
from akrim.report.profile.facts import Facts
from akrim.report.profile.findings.sentences import found, unchecked
from akrim.rules import load_rules
from akrim.sharing import MARTS
from akrim.texts import LANGUAGES_OF_MARTS

from tests.assessment.project import rows

NOBODY = pa.table({name: pa.array([], pa.string()) for name in ("person_id", "orgnr")})


def facts(person_ids: list[str]) -> Facts:
    """The assessed world's facts, of no centre in particular."""
    tables = {mart.name: NOBODY for mart in MARTS} | {
        "indicator_observations": _table("select * from marts.indicator_observations", "evidence", "events"),
        "assessments": _table("select distinct on (person_id) person_id, disputes from marts.assessments", "disputes"),
        "delivery_ages": pa.Table.from_pylist(
            [row | {"empty_extracts": ",".join(row["empty_extracts"])} for row in rows("select * from marts.delivery_ages")]
        ),
        "extract_ages": pa.Table.from_pylist(rows("select * from marts.extract_ages")),
    }  # fmt: skip
    return Facts(tables, dict.fromkeys(person_ids, ""), date(2025, 12, 31), {}, load_rules())


def _table(query: str, *as_text: str) -> pa.Table:
    return pa.Table.from_pylist(
        [row | {name: json.dumps(row[name]) for name in as_text} for row in rows(query)]
    )


@pytest.mark.slow
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("language", LANGUAGES_OF_MARTS)
def test_a_report_says_what_the_marts_say(language: str) -> None:
    words, known = Words(language), facts(["aas", "protected"])
    observations: list[dict[str, Any]] = [row for of in known.observations.values() for row in of]
    said = {
        (row["person_id"], row["indicator_code"]): found(row, words)
        if row["checked"] == "fired"
        else unchecked(row, known, words)
        for row in observations
        if row["checked"] != "clear"
    }
    told = {key: row for row in observations if (key := (row["person_id"], row["indicator_code"])) in said}
    assert {row["checked"] for row in told.values()} == {"fired", "unavailable"}
    assert said == {key: clean(row[f"explanation_{language}"]) for key, row in told.items()}
