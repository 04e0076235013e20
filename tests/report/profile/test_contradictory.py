"""What contradicts in a decision is told, and nothing of one that says a single thing."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from akrim.report.lists.last_decision import last_decisions
from akrim.report.profile.contradictory import contradiction, contradictions
from akrim.report.wording import Words
from akrim.texts import LANGUAGES


def decision(status: str, priority: str, actions: str | None = None, **about: Any) -> dict[str, Any]:
    row = {"status": status, "priority_code": priority, "actions": actions, "centre_id": "oslo"}
    told = {"decision_id": "1", "decided_date": date(2026, 1, 22), "decided_release_id": "2025-T3.1"}
    return row | told | about


CASES = {
    "a dismissal": ([decision("avskrevet", "avslutt")], ""),
    "another status may ask for whatever it is": ([decision("av_interesse", "ikke_naa", "felles kontroll")], ""),
    "what is written beside it may be a comment": ([decision("av_interesse", "avslutt", "ferdig etter felles kontroll")], ""),
    "dismissed and monitored": (
        [decision("avskrevet", "overvaak")], "Avskrevet, men likevel med prioriteringen «Overvåk».",
    ),
    "dismissed with a comment": ([decision("avskrevet", "ikke_naa", "feil person")], ""),
    "dismissed with a comment and to be worked on": (
        [decision("avskrevet", "prioriter", "felles kontroll")], "Avskrevet, men likevel med prioriteringen «Prioriter».",
    ),
    "two of a day": (
        [decision("trusselaktor", "prioriter"), decision("av_interesse", "avslutt")],
        "En annen beslutning fra samme dag sier «Av interesse, Avslutt».",
    ),
    "the same told twice": ([decision("trusselaktor", "prioriter", text) for text in ("tilsyn", "felles kontroll")], ""),
    "another day, another centre": (
        [decision("trusselaktor", "prioriter"), decision("av_interesse", "avslutt", decided_date=date(2026, 1, 21)),
         decision("av_interesse", "avslutt", centre_id="bergen")],
        "",
    ),
    "dated before its release": (
        [decision("trusselaktor", "prioriter", decided_date=date(2025, 12, 31))],
        "Beslutningen «Trusselaktør, Prioriter» på utgave 2025-T3.1 er datert 31.12.2025, før skjæringsdatoen til utgaven.",
    ),
    "to be reviewed before it was taken, as by a mistyped year": (
        [decision("trusselaktor", "prioriter", next_review_date=date(2025, 6, 30))], "Skal vurderes igjen 30.06.2025, men er besluttet 22.01.2026.",
    ),
    "to be reviewed later": ([decision("trusselaktor", "prioriter", next_review_date=date(2026, 6, 30))], ""),
    "dated so, and decided anew": (
        [decision("trusselaktor", "prioriter", decided_date=date(2025, 6, 1)),
         decision("av_interesse", "prioriter", decision_id="2", decided_release_id="2025-T3.2")],
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("decisions", "told"), CASES.values(), ids=CASES)
def test_what_contradicts_is_told(decisions: list[dict[str, Any]], told: str) -> None:
    assert contradiction(decisions[0], decisions, Words("nb")) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_in_every_language(language: str) -> None:
    decisions = [decision("avskrevet", "overvaak", "tilsyn"), decision("av_interesse", "avslutt")]
    told = contradiction(decisions[0], decisions, Words(language))
    assert "tilsyn" not in told
    assert told.count(".") == 2
    assert "{" not in told


def test_the_form_recalls_it_with_the_last_decision_alone() -> None:
    about = {"person_id": "p", "responsible_agency": "nav", "next_review_date": None}
    first, last = decision("avskrevet", "overvaak", **about), decision("avskrevet", "avslutt", **about)
    told = [
        last_decisions(pa.Table.from_pylist(rows), "person_id", "oslo", Words("nb"))["p"]
        for rows in (
            [first | {"decision_id": "1"}],
            [first | {"decision_id": "1"}, last | {"decision_id": "2", "decided_date": date(2026, 5, 1)}],
        )
    ]
    assert ["Avskrevet, men likevel" in text for text in told] == [True, False]


def test_the_form_recalls_in_quotes_what_was_written_beside_the_decision() -> None:
    row = decision(
        "av_interesse",
        "prioriter",
        "felles kontroll",
        person_id="p",
        responsible_agency="nav",
        next_review_date=None,
    )
    found = last_decisions(pa.Table.from_pylist([row]), "person_id", "oslo", Words("nb"))
    assert found == {"p": "22.01.2026: Prioriter, Nav. «felles kontroll»"}


def test_what_was_told_last_is_seen_behind_the_decision_that_holds_by_its_day() -> None:
    """A mistyped year lets a decision on the release before hold."""
    before = decision("avskrevet", "ikke_naa")
    mistyped = decision(
        "trusselaktor",
        "prioriter",
        decision_id="2",
        decided_release_id="2026-T1.1",
        decided_date=date(2025, 6, 15),
    )
    elsewhere = mistyped | {"centre_id": "bergen", "decided_release_id": "2026-T1.2"}
    told = contradictions(before, [before, mistyped, elsewhere], Words("nb"))
    assert told == [
        (
            mistyped,
            "Beslutningen «Trusselaktør, Prioriter» på utgave 2026-T1.1 er datert 15.06.2025, før skjæringsdatoen til utgaven.",
        )
    ]
    right = mistyped | {"decided_date": date(2026, 6, 15)}
    assert contradictions(right, [before, right], Words("nb")) == []


def test_the_form_recalls_the_centres_own_decision_alone() -> None:
    about = {"person_id": "p", "responsible_agency": "nav", "next_review_date": None}
    own = decision("av_interesse", "avslutt", **about)
    elsewhere = own | {"decision_id": "2", "decided_date": date(2026, 5, 1), "centre_id": "bergen"}
    rows = pa.Table.from_pylist([own, elsewhere, elsewhere | {"person_id": "q"}])
    found = last_decisions(rows, "person_id", "oslo", Words("nb"))
    assert ["22.01.2026" in found["p"], "01.05.2026" in found["p"], "q" in found] == [True, False, False]
