"""Events of a person."""

import json
from datetime import date

from akrim.report.profile.events import events_of
from akrim.report.profile.facts import Facts
from akrim.report.wording import Words

from tests.report.tables import tables_of


def facts_with(*evidence: list[dict[str, object]]) -> Facts:
    """What as many rules found, each with its evidence."""
    fired = {"person_id": "p", "checked": "fired", "points": 6, "events": "[]"}
    observed = [
        fired | {"indicator_code": code, "evidence": json.dumps(items)}
        for code, items in zip(
            ("fictitious_employment", "known_to_agencies", "tax_reassessed"), evidence, strict=False
        )
    ]
    return Facts(tables_of(indicator_observations=observed), {"p": ""}, date(2025, 12, 31), {}, [])


def test_a_workers_benefit_case_is_not_shown_as_the_persons() -> None:
    case = {"agency": "nav", "extract": "saker", "date": "2025-02-03"}
    facts = facts_with([case, case | {"source_row_id": "NS-1", "orgnr": "200000012"}])
    told = {event.text for event in events_of("p", facts, Words("nb"))}
    assert told == {"Nav: ytelsessak om en arbeidstaker", "Nav: ytelsessak hos 200000012"}


def test_what_no_mart_tells_is_an_event_by_the_rules_evidence() -> None:
    """Of whatever agency: one that joins is told of without a line here."""
    row = {"date": "2025-02-03", "source_row_id": "1", "extract": "personer"}
    agencies = ("skatteetaten", "nav", "toll", "politiet", "arbeidstilsynet", "brreg")
    facts = facts_with([row | {"agency": agency} for agency in agencies])
    told = {event.text.partition(":")[0] for event in events_of("p", facts, Words("nb"))}
    assert told == {"Skatteetaten", "Nav", "toll"}


def test_a_row_that_several_rules_rest_on_is_one_event() -> None:
    row = {"agency": "skatteetaten", "extract": "kontroller", "date": "2025-02-03", "source_row_id": "K1"}
    lent = row | {"lent_name": True}
    told = [event.text for event in events_of("p", facts_with([lent], [row], [lent]), Words("nb"))]
    assert told == ["Skatteetaten: skattekontroll, ledet trolig for en annen"]


def test_an_employment_that_lasts_did_not_happen_on_the_cut_off_date() -> None:
    row = {"agency": "skatteetaten", "extract": "arbeidsforhold", "orgnr": "200000012"}
    facts = facts_with([row | {"date": "2025-12-31"}, row | {"date": "2021-04-06"}])
    assert [event.day for event in events_of("p", facts, Words("nb"))] == [date(2021, 4, 6)]
