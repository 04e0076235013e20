"""A person in short: true to the evidence whatever its shape, and every rule of intention has its words in every language."""

from datetime import date
from typing import Any

import pytest
from akrim.report.profile.findings.brief import findings, leads
from akrim.report.wording import Words
from akrim.rules import load_rules
from akrim.texts import LANGUAGES

AS_OF = date(2026, 4, 30)
RULES = {rule.code: rule for rule in load_rules()}


def found(code: str, value: float, points: int, *days: str | None, **about: Any) -> dict[str, Any]:
    evidence = [{"date": day} for day in days]
    row = {"indicator_code": code, "value": value, "points": points, "evidence": evidence, "checked": "fired"}
    return row | {"dimension": "intention"} | about


WEIGHTIER = [
    found(code, 2, points, "2026-01-01")
    for code, points in (("severe_inspections", 9), ("fictitious_invoices", 8), ("undeclared_workers", 7))
]
WEIGHTIER_SAID = (
    "To alvorlige tilsyn (2026); fiktive fakturaer i to kontroller (2026); "
    "to arbeidstakere uten registrert arbeidsforhold truffet ved tilsyn (2026)"
)

CASES = {
    "nothing": ([], ""),
    "one, in one year": ([found("severe_inspections", 1, 5, "2021-03-01", "2021-09-01")], "Ett alvorlig tilsyn (2021)."),
    "the weightiest first, with the years": (
        [found("severe_inspections", 2, 5, "2021-03-01", "2022-01-01"), found("convicted", 1, 20, "2023-05-01")],
        "Én domfellelse for arbeidslivskriminalitet (2023); to alvorlige tilsyn (2021\u20132022).",
    ),
    "a bankruptcy is said once": (
        [found("bankruptcy", 3, 9, "2019-01-01"), found("serial_bankruptcy", 3, 16, "2019-01-01", "2022-01-01")],
        "Tre konkurser i foretak personen ledet eller trolig styrte (2019\u20132022).",
    ),
    "alone it is": ([found("bankruptcy", 1, 5, "2019-01-01")], "Én konkurs i foretak personen ledet eller trolig styrte (2019)."),
    "a state has no year": ([found("tax_arrears", 120000.4, 3, "2025-12-31")], "120\u00a0000 kroner i skatterestanser."),
    "nor has any other of a rule that does not look back": (
        [found("compulsory_dissolution", 1, 3, "2025-12-31")],
        "Leder eller styrer trolig ett foretak som tvangsavvikles eller tvangsoppløses.",
    ),
    "the years are of what happened": (
        [found("planned_bankruptcy", 1, 8, evidence=[
            {"date": day, "extract": extract}
            for day, extract in (("2013-03-27", "roller"), ("2022-09-26", "enheter"), ("2026-04-30", "restanser"))
        ])],
        "Én konkurs med tegn til å være planlagt (2022).",
    ),
    "of roles handed over where they alone are told": (
        [found("role_handed_over", 1, 6, evidence=[{"date": "2022-09-26", "extract": "roller"}])],
        "Lederrollen overlatt kort før én konkurs (2022).",
    ),
    "without dates": ([found("compulsory_dissolution", 1, 3, None)],
                      "Leder eller styrer trolig ett foretak som tvangsavvikles eller tvangsoppløses."),
    "capacity and what did not fire are not said": (
        [found("employees_led", 90, 9, "2021-01-01", dimension="capacity"), found("convicted", 1, 0, checked="clear")], "",
    ),
    "a rule that has no words yet is named": ([found("a_new_rule", 3, 5, "2021-01-01")], "A new rule."),
    "three at most": (
        [found(code, 2, points, "2021-01-01") for code, points in
         (("convicted", 20), ("severe_inspections", 9), ("fictitious_invoices", 8), ("undeclared_workers", 7))],
        "To domfellelser for arbeidslivskriminalitet (2021); to alvorlige tilsyn (2021); fiktive fakturaer i to kontroller (2021).",
    ),
    "a conviction of the last twelve months, whatever its weight": (
        [*WEIGHTIER, found("convicted", 1, 0, "2025-04-30")],
        f"{WEIGHTIER_SAID}; én domfellelse for arbeidslivskriminalitet (30.04.2025).",
    ),
    "an earlier one by its weight alone": ([*WEIGHTIER, found("convicted", 1, 0, "2025-04-29")], f"{WEIGHTIER_SAID}."),
    "the newest of several": (
        [found("convicted", 2, 20, "2021-01-01", "2026-03-02")],
        "To domfellelser for arbeidslivskriminalitet (2021\u20132026, den nyeste 02.03.2026).",
    ),
    "that it was where somebody else stands as the leader": (
        [found("fictitious_invoices", 1, 7, evidence=[{"date": "2022-12-13", "through_another": True}])],
        "Fiktive fakturaer i én kontroll (2022). Funn i foretak som personen bare trolig styrer eller styrte, er regnet med.",
    ),
    "not of what is left out": (
        [*WEIGHTIER, found("tax_reassessed", 9, 1, evidence=[{"date": "2022-12-13", "through_another": True}])],
        f"{WEIGHTIER_SAID}.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "said"), CASES.values(), ids=CASES)
def test_it_says_what_was_found_and_when(rows: list[dict[str, Any]], said: str) -> None:
    assert findings(rows, RULES, AS_OF, Words("nb")) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [1, 2])
def test_every_rule_of_intention_has_its_words(language: str, number: int) -> None:
    words = Words(language)
    codes = [rule.code for rule in RULES.values() if rule.dimension == "intention"]
    said = {findings([found(code, number, 5)], RULES, AS_OF, words) for code in codes}
    # The two rules on bankruptcy say the same, one of them at a time.
    assert len(said) == len(codes) - 1
    assert all("brief_" not in text and "{" not in text for text in said)


LED: dict[str, tuple[list[str | None], str]] = {
    "nothing": ([], ""),
    "one": (["Malerarbeid"], "Leder ett foretak i drift (malerarbeid)."),
    "the commonest industries": (
        ["Taktekkerarbeid", "Malerarbeid", "Malerarbeid", "Bilvask"], "Leder fire foretak i drift (malerarbeid, bilvask).",
    ),
    "without an industry": ([None, None], "Leder to foretak i drift."),
    "beyond twelve": ([None] * 13, "Leder 13 foretak i drift."),
}  # fmt: skip


@pytest.mark.parametrize(("industries", "said"), LED.values(), ids=LED)
def test_it_says_what_is_led_now(industries: list[str | None], said: str) -> None:
    assert leads([{"industry_name": industry} for industry in industries], Words("nb")) == said
