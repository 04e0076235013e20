"""Whose data are not of the release's period is said in so many words, also where the older ones still count."""

from datetime import date
from typing import Any

import pytest
from akrim.report.ages import ages_point, ages_table, ages_warning, out_of_order
from akrim.report.blocks import Table, Text
from akrim.report.wording import DASH, Words
from akrim.rules import load_rules


def age(agency: str, state: str, days: int | None, **more: Any) -> dict[str, Any]:
    period = None if days is None else "2025-T3"
    found = {"agency": agency, "state": state, "days_old": days, "newest_period": period}
    return found | {"is_missing": days is None, "is_stale": False} | more


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nb", "Det er ikke levert fra Nav for denne perioden."),
        ("nn", "Det er ikkje levert frå Nav for denne perioden."),
        ("en", "Nothing has come from the Labour and Welfare Administration for this period."),
    ],
)
def test_an_agency_that_did_not_deliver_this_time_is_named_though_its_older_data_count(
    language: str, told: str
) -> None:
    words = Words(language)
    ages = [
        age("nav", "missing", 120),
        age("brreg", "changed", 0),
        age("politiet", "stale", 365, is_stale=True),
        age("skatteetaten", "missing", None),
    ]
    nothing = {"unavailable_because": None}
    reasons = out_of_order(ages, {row["agency"]: [nothing] for row in ages})
    assert reasons == {
        "nav": {None, "late"},
        "brreg": {None},
        "politiet": {"stale"},
        "skatteetaten": {"missing"},
    }
    assert told in ages_warning(reasons, words)
    (table,) = (block for block in ages_table(ages, {}, date(2026, 4, 30), words) if isinstance(block, Table))
    assert [row[2] for row in table.rows] == [words.day(day) for day in (date(2025, 12, 31), date(2026, 4, 30), date(2025, 4, 30))] + [DASH]  # fmt: skip
    assert [str(row[3].text) for row in table.rows] == [
        words(f"age_{state}") for state in ("late", "fresh", "stale", "missing")
    ]


def test_what_is_unusual_in_the_deliveries_is_said_in_a_sentence_and_else_that_nothing_is() -> None:
    words, ages = Words("nb"), [age("nav", "changed", 0), age("skatteetaten", "changed", 0)]
    whole = {
        "unavailable_because": None,
        "is_stale": False,
        "is_confirmed": False,
        "rows": 3,
        "rows_usual": 3,
    }
    extract = whole | {"extract": "oppdragsforhold", "newest_fact_date": date(2026, 4, 30)}
    said = {
        state: ages_point(ages, {"nav": [], "skatteetaten": [extract | {"state": state}]}, words)
        for state in ("changed", "unchanged")
    }
    assert said == {
        "changed": "Alle etatene har levert for perioden, og alle leveransene er oppdatert.",
        "unchanged": "Uvanlig i leveransene: Skatteetaten (oppdrag: uendret siden 30.04.2026).",
    }
    unchanged = {"nav": [], "skatteetaten": [extract | {"state": "unchanged"}]}
    assert ages_point(ages, unchanged, Words("en")).startswith(
        "Unusual in the deliveries: the Tax Administration (“contract” data: unchanged since 30 Apr 2026)"
    )
    blocks = ages_table(ages, unchanged, date(2026, 4, 30), words, load_rules())
    (table,) = (block for block in blocks if isinstance(block, Table))
    # The rules whose blocks name the extract.
    assert table.rows[1][0][1] == Text(
        "oppdrag: uendret siden 30.04.2026. Regler som bygger på det: Tegn til fiktiv selvstendighet og Ansatte gjort til underleverandører",
        "below",
    )
    empty = {"nav": [extract | {"agency": "nav", "extract": "saker", "state": "empty", "is_confirmed": True}]}
    assert ages_point(ages, empty | {"skatteetaten": []}, words).endswith("(bekreftet)).")
    stale = age("politiet", "stale", 365, is_stale=True)
    (table,) = (
        b
        for b in ages_table(
            [stale],
            {"politiet": [extract | {"state": "changed", "is_stale": True}]},
            date(2026, 4, 30),
            words,
        )
        if isinstance(b, Table)
    )
    assert table.rows[0][0] == ("Politiet",), "what holds for the agency is not said of each extract"
    assert ages_point([stale], {"politiet": []}, words) == ""  # a warning says it
    assert ages_point([], {}, words) == ""


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nb", "Opplysningene fra Nav og politiet er eldre enn avtalt"),
        ("nn", "Opplysningane frå Nav og politiet er eldre enn avtalt"),
        ("en", "The information from the Labour and Welfare Administration and the police is older than agreed"),
    ],
)  # fmt: skip
def test_agencies_whose_data_are_too_old_stand_in_one_sentence(language: str, told: str) -> None:
    assert told in ages_warning({"politiet": ["stale"], "nav": ["stale"]}, Words(language))
