"""Suggested measures: each by a rule that fired, and only what can be done."""

from datetime import date
from typing import Any

import pytest
from akrim.report.blocks import Apart, Listing
from akrim.report.profile.facts import Facts
from akrim.report.profile.measures import measures_part
from akrim.report.wording import Words
from akrim.rules import load_rules

from tests.report.tables import tables_of

ENTERPRISE = {
    "orgnr": "200000039", "enterprise_name": "X AS", "is_bankrupt": False, "bankruptcy_date": None, "deleted_date": None, "is_winding_up": False,
    "is_compulsory_dissolution": False,
}  # fmt: skip
ROLE = {"person_id": "p", "orgnr": "200000039", "is_leading": True, "is_active": True, "role_id": "r"}
FRONT = {"person_id": "p", "front_person_id": "q", "orgnr": "200000039"}


def suggested(*fired: str, **rows: list[dict[str, Any]]) -> list[str]:
    """The measures suggested, each without the agency that it is for."""
    observed = [
        {"person_id": "p", "indicator_code": code, "checked": "fired", "points": 5, "evidence": "[]", "events": "[]"} for code in fired
    ]  # fmt: skip
    tables = tables_of(indicator_observations=observed, **rows)
    facts = Facts(tables, {"p": ""}, date(2025, 12, 31), {}, load_rules())
    words = Words("nb")
    told = [
        str(part.text)
        for box in measures_part("p", facts, words)
        if isinstance(box, Apart)
        for block in box.blocks
        if isinstance(block, Listing)
        for line in block.items
        for part in list(line)[:1]
        if not isinstance(part, str)
    ]
    return [agency.rstrip(":") for agency in told]


LED = {"roles": [ROLE], "enterprises": [ENTERPRISE]}
CLOSED = {"roles": [ROLE], "enterprises": [ENTERPRISE | {"is_bankrupt": True}]}
CASES: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "an inspection of what is in operation": (("severe_inspections",), LED, ["Arbeidstilsynet"]),
    "none of what has closed": (("severe_inspections",), CLOSED, []),
    "of what somebody else leads for the person": (
        ("severe_inspections",), CLOSED | {"straw_man_ties": [FRONT]}, ["Arbeidstilsynet"],
    ),
    "arrears can be collected all the same": (("tax_arrears",), CLOSED, ["Skatteetaten"]),
    "a rule that no measure belongs to": (("employees_led",), LED, []),
}  # fmt: skip


@pytest.mark.parametrize(("fired", "rows", "agencies"), CASES.values(), ids=CASES)
def test_only_what_can_be_done_is_suggested(
    fired: tuple[str, ...], rows: dict[str, Any], agencies: list[str]
) -> None:
    assert suggested(*fired, **rows) == agencies
