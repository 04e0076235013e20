"""The page that a person reads: what it comes to first, and words instead of codes."""

import re
from typing import Any, get_args

import pytest
from akrim.audit.log import Action
from akrim.contracts import load_contracts
from akrim.report import Words
from akrim.subjects.page import render_page
from akrim.texts import LANGUAGES, labels, texts
from jinja2 import UndefinedError

ORDER = (
    "first",
    "indicators",
    "decisions",
    "disclosures",
    "corrections",
    "erasures",
    "links",
    "sources",
    "set_aside",
    "log",
)
WHEN = "2026-11-26 05:41"
TOLD: dict[str, Any] = {
    "person_ids": ["PAAAAAAAAAAAA"], "release_id": "2025-T3.1", "has_protected_address": False, "data_mode": "synthetic",
    "sources": [
        {"agency": "arbeidstilsynet", "extract": "personer_paa_stedet", "key": "OBS1", "deliveries": ["arbeidstilsynet-2025-T3-01"],
         "first_delivered": "2026-01-05", "last_delivered": "2026-01-05", "is_removed": True, "is_withdrawn": True,
         "fields": {"observasjon_id": "OBS1", "fornavn": "<b>Per</b>"}},
    ],
    "set_aside": [
        {"agency": "nav", "extract": "personer", "delivery_id": "nav-2025-T3-01", "delivered": "2026-01-05", "reason": "empty_required",
         "is_withdrawn": True, "fields": {"navn": "<i>Per</i>"}},
    ],
    "links": {"records": [], "persons_who_came_near": 2, "steps": [
        {"records": ["nav/1", "skatteetaten/2"], "match_weight": 12.25, "words": dict.fromkeys(LANGUAGES, "they fit"),
         "weighings": [{"weight": -1.5, "words": dict.fromkeys(LANGUAGES, "given name: equal")}]},
    ]},
    "indicators": [
        {"code": "convicted", "version": 2, "dimension": "intention", "checked": "fired", "points": 20, "value": 1.0,
         "words": {"nb": "Domfelt 1 gang.", "en": "Convicted once."}, "evidence": [
            {"agency": "politiet", "extract": "saker", "source_row_id": "SAK-1", "date": "2025-03-02"},
            {"agency": "skatteetaten", "extract": "arbeidsforhold"},
            {"agency": "brreg", "extract": "enheter", "orgnr": "210000127"},
        ]},
        {"code": "tax_arrears", "version": 1, "dimension": "intention", "checked": "unavailable", "points": 0, "value": None,
         "words": {"nb": None, "en": None}, "evidence": []},
    ],
    "assessments": [
        {"centre_id": "oslo", "rank": 3, "intention_points": 20, "capacity_points": 0, "total_points": 20,
         "proposed_status": "potensiell_trusselaktor", "status": "trusselaktor", "status_since": "2026-01-20"},
    ],
    "decisions": [
        {"decision_id": "D1", "centre_id": "oslo", "decided_release_id": "2025-T2.1", "decided_date": "2026-01-20",
         "status": "trusselaktor", "priority_code": "ikke_naa", "reason_code": "prinsipiell_avklaring", "responsible_agency": "nav",
         "actions": "Bokettersyn", "capacity_change": None, "intention_change": None, "next_review_date": None},
    ],
    "disclosures": [
        {"recipient": "oslo", "release_id": "2025-T3.1", "happened_at": WHEN, "means": "outbox", "named_because": "listed",
         "recalled": "2026-11-20"},
        {"recipient": "the person", "release_id": "2025-T3.1", "happened_at": WHEN, "means": "subject export", "named_because": None,
         "recalled": None},
        {"recipient": "nav", "release_id": None, "happened_at": WHEN, "means": "receipt", "named_because": None, "recalled": None},
    ],
    "corrections": [
        {"case_id": "K-2026-001", "kind": "fact", "state": "upheld", "agency": "politiet", "extract": "saker", "source_row_id": "SAK-1",
         "disputed_by": "person", "disputed_since": "2026-10-01", "reason": "Feil person.", "outcome_reason": None},
    ],
    "erasures": [],
    "log": [{"happened_at": WHEN, "action": "combination", "purpose": "innsyn", "recipient": None, "release_id": "2025-T3.1"}],
}  # fmt: skip
# Codes, as the data have them, that nobody need know.
CODES = (
    "convicted", "tax_arrears", "potensiell_trusselaktor", "trusselaktor", "ikke_naa", "prinsipiell_avklaring", "outbox", "combination",
    "personer_paa_stedet", "skatteetaten/2", "empty_required", "2025-03-02", "2026-01-20",
)  # fmt: skip


def read(page: str) -> str:
    """What stands in the page, without its tags."""
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_begins_with_what_it_comes_to_and_that_this_is_no_suspicion(language: str) -> None:
    page = render_page(language, TOLD)
    t, named = texts(language, "subject"), labels(language)
    assert re.findall("<h2>(.*?)</h2>", page) == [t[name] for name in ORDER]
    first = read(page.split("<section")[1].split("</section>")[0])
    assert named["centre", "oslo"] in first
    assert texts(language, "report")["not_a_suspicion"] in first
    nowhere = read(render_page(language, TOLD | {"assessments": []}))
    assert t["not_listed"] in nowhere
    assert texts(language, "report")["not_a_suspicion"] in nowhere


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_told_by_its_words(language: str) -> None:
    text, named = read(render_page(language, TOLD)), labels(language)
    words = texts(language, "report")
    for told in (
        ("rule", "convicted"),
        ("rule", "tax_arrears"),
        ("status", "trusselaktor"),
        ("agency", "nav"),
        ("centre", "oslo"),
    ):
        assert named[told] in text
    assert f"{named['agency', 'politiet']}: {words['extract_politiet_saker']} SAK-1," in text
    of_others = texts(language, "subject")["of_others"]
    assert (
        f"{named['agency', 'skatteetaten']}: {words['extract_skatteetaten_arbeidsforhold']} ({of_others})"
        in text
    )
    assert f"{named['agency', 'brreg']}: {words['extract_brreg_enheter']} 210000127" in text
    assert (
        text.count(texts(language, "subject")["withdrawn"]) == 2
    )  # among what counts, and among what was set aside
    recalled = texts(language, "subject")["recalled"].format(
        release="2025-T3.1", day=Words(language).iso_day("2026-11-20")
    )
    assert text.count(recalled) == 1
    assert [code for code in CODES if re.search(rf"\b{re.escape(code)}", text)] == []


def test_what_was_delivered_is_text_and_a_missing_name_is_an_error() -> None:
    page = render_page("nb", TOLD)
    assert "&lt;b&gt;Per&lt;/b&gt;" in page
    assert "&lt;i&gt;Per&lt;/i&gt;" in page
    assert "<b>" not in page
    with pytest.raises(UndefinedError):
        render_page("nb", {name: told for name, told in TOLD.items() if name != "erasures"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_of_the_log_has_a_word(language: str) -> None:
    assert set(texts(language, "subject")["codes"]["action"]) == set(get_args(Action))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_extract_that_is_agreed_on_has_a_word(language: str) -> None:
    named = texts(language, "report")
    agreed = [(c.agency, extract.name) for c in load_contracts().values() for extract in c.extracts]
    assert [of for of in agreed if not {f"extract_{'_'.join(of)}", f"extract_{of[1]}"} & named.keys()] == []
