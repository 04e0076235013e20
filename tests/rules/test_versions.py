"""A rule's meaning cannot change without a new version, by its numbers, its own SQL or what that rests on."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from akrim.errors import UserError
from akrim.rules import catalogue, row_versions
from akrim.rules import versions as rule_register
from akrim.rules.catalogue import Rule
from akrim.rules.foundations import Part, normalised, parts_of, read_parts
from akrim.rules.versions import Register, Verdict
from akrim.texts import LANGUAGES

from tests.assessment.extracts import extracts_used
from tests.assessment.project import PROJECT

pytestmark = pytest.mark.usefixtures("home")
HOW = "for the test"
# What a definition tells of its source or of the law, and no SQL counts by.
CITED = {
    "repeat_offender_with_role": {"2018"},
    "severe_inspections": {"45"},
    "underpaid_workers": {"18"},
    "fictitious_part_time": {"40"},
}


@pytest.fixture(scope="module")
def parts() -> Mapping[str, Part]:
    return read_parts(PROJECT)


@cache
def rules() -> tuple[Rule, ...]:
    return tuple(catalogue.load_rules())


@pytest.fixture(scope="module")
def register() -> Register:
    return rule_register.read(PROJECT)


def changed(parts: Mapping[str, Part], name: str, old: str, new: str) -> dict[str, Part]:
    assert old in parts[name].text
    return {**parts, name: replace(parts[name], text=parts[name].text.replace(old, new))}


def test_a_rule_that_is_listed_before_it_is_whole_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "indicator_codes", lambda: ["tax_arrears", "customs_fined"])
    with pytest.raises(
        UserError, match=r"customs_fined is listed and lacks `agencies`.*its texts in nb/rules\.yml"
    ):
        catalogue.load_rules()


def refused(
    register: Register,
    parts: Mapping[str, Part],
    given: list[Rule] | None = None,
    verdict: Verdict | None = None,
) -> str:
    with pytest.raises(UserError) as refusal:
        rule_register.extend(register, given or rules(), parts, verdict, HOW)
    return str(refusal.value)


def test_the_register_is_up_to_date(register: Register, parts: Mapping[str, Part]) -> None:
    assert rule_register.extend(register, rules(), parts) == register, "run make rules"
    assert rule_register.extend(register, rules(), parts, "changed", HOW) == register


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 9},
        {"points": 9},
        {"step_size": 9},
        {"step_points": 9},
        {"cap": 99},
        {"agencies": ("brreg", "nav")},
        {"dimension": "capacity"},
        {"texts": {"nb": {"definition": "Noe annet."}}},
    ],
)
def test_changed_numbers_or_words_are_refused(
    register: Register, parts: Mapping[str, Part], change: dict[str, Any]
) -> None:
    altered = [replace(rule, **change) if rule.code == "phoenix" else rule for rule in rules()]
    assert "phoenix has changed its numbers" in refused(register, parts, altered)
    assert "phoenix has changed its numbers" in refused(register, parts, altered, "same")
    assert "phoenix has changed its numbers" in refused(register, parts, altered, "changed")
    raised = [replace(rule, version=99) if rule.code == "phoenix" else rule for rule in altered]
    added = rule_register.extend(register, raised, parts).rules
    assert set(added) - set(register.rules) == {("phoenix", 99)}


@pytest.mark.parametrize(
    ("name", "old", "new", "above", "beside"),
    [
        ("model network_reach", "shared.valid_to >", "shared.valid_to >=", "network_reach", "bankruptcy"),
        ("model leaderships", "is_leading and", "is_leading or", "phoenix", "reported_repeatedly"),
        ("model stg_skatteetaten__arrears", "owed_date", "due_date", "tax_arrears", "convicted"),
        ("macro led_shortly_before", ">=", ">", "tax_arrears", "several_offences"),
        ("macro observations", "distinct_evidence", "evidence", "convicted", ""),
        ("seed definitions", "365", "366", "phoenix", ""),
        ("seed outcome_codes", "henlagt_bevis", "henlagt", "convicted", "phoenix"),
    ],
)
def test_a_changed_foundation_is_refused(
    register: Register, parts: Mapping[str, Part], name: str, old: str, new: str, above: str, beside: str
) -> None:
    told = refused(register, changed(parts, name, old, new)).splitlines()
    assert name in told[0]
    named = told[1].removeprefix("  where: ").split(", ")
    assert above in named
    assert not beside or beside not in named


def test_reading_other_parts_is_a_change(parts: Mapping[str, Part]) -> None:
    one = parts["model person_records"]
    assert replace(one, reads=one.reads - {"model stg_nav__persons"}).sha256 != one.sha256


def test_comments_layout_and_indexes_are_no_change(register: Register, parts: Mapping[str, Part]) -> None:
    for name in register.current().keys() & parts.keys():
        kind, _, _ = name.partition(" ")
        told = "{# of a reader's interest #}\n-- it's told\n" if kind != "seed" else ""
        text = (told + parts[name].text.replace("\n", "\n    ")).replace("config(", "config( tags=['x'], ")
        assert replace(parts[name], text=text).sha256 == parts[name].sha256, name
    assert normalised("select 'a  --b' -- c\n  from x") == "select 'a  --b' from x"
    assert normalised("select 'a b'") != normalised("select 'a  b'")


def test_what_no_rule_rests_on_may_change(register: Register, parts: Mapping[str, Part]) -> None:
    resting = frozenset().union(*(parts_of(rule.code, parts) for rule in rules()))
    for name in ("model assessments", "model network_ties", "model coordination", "macro situation"):
        assert name not in resting
        assert (
            rule_register.extend(register, rules(), changed(parts, name, "select", "select 1 +")) == register
        )


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("model leaderships", "is_leading and", "is_leading   and not false and"),
        ("model phoenixes_of_persons", "or (", "or not not ("),
    ],
)
def test_a_stated_reason_keeps_the_versions(
    register: Register, parts: Mapping[str, Part], name: str, old: str, new: str
) -> None:
    other = changed(parts, name, old, new)
    kept = rule_register.extend(register, rules(), other, "same", HOW)
    assert kept.rules == register.rules
    (added,) = kept.foundations[len(register.foundations) :]
    before = register.current()[name]
    assert (added.name, added.version, added.reason) == (before.name, before.version, HOW)
    with pytest.raises(UserError):
        rule_register.extend(register, rules(), other, "same", " ")


def test_changed_parts_may_have_a_verdict_each(register: Register, parts: Mapping[str, Part]) -> None:
    other = changed(parts, "model leaderships", "is_leading and", "is_leading   and not false and")
    other = changed(other, "model network_reach", "shared.valid_to >", "shared.valid_to >=")
    kept = rule_register.answer(register, rules(), other, "same", HOW, ["model leaderships"])
    assert kept.rules == register.rules
    assert "The model network_reach has changed" in refused(kept, other)
    raised = [replace(rule, version=rule.version + (rule.code == "network_reach")) for rule in rules()]
    both = rule_register.answer(kept, raised, other, "changed", HOW, ["model network_reach"])
    grown = rule_register.extend(both, raised, other)
    assert {code for code, _ in grown.rules.keys() - register.rules.keys()} == {"network_reach"}
    risen = {
        name for name, part in grown.current().items() if part.version > register.current()[name].version
    }
    assert risen == {"model network_reach"}


@pytest.mark.parametrize(
    ("name", "old", "new", "above"),
    [
        (
            "model handovers",
            "is_taker_new",
            "is_taker_unknown",
            {
                "active_enterprises",
                "bankruptcy",
                "bogus_self_employment",
                "compulsory_dissolution",
                "employees_led",
                "employees_made_suppliers",
                "exposed_industry_roles",
                "fictitious_employment",
                "fictitious_invoices",
                "fictitious_part_time",
                "frequent_accountant_changes",
                "leads_through_others",
                "phoenix",
                "planned_bankruptcy",
                "repeated_reactions",
                "role_handed_over",
                "serial_bankruptcy",
                "several_centres",
                "several_industries",
                "severe_inspections",
                "tax_arrears",
                "tax_reassessed",
                "undeclared_workers",
                "underpaid_workers",
                "workers_on_benefits",
            },
        ),
        ("model network_reach", "shared.valid_to >", "shared.valid_to >=", {"network_reach"}),
    ],
)
def test_a_changed_part_needs_new_versions_of_its_rules(
    register: Register, parts: Mapping[str, Part], name: str, old: str, new: str, above: set[str]
) -> None:
    other = changed(parts, name, old, new)
    assert {rule.code for rule in rules() if name in parts_of(rule.code, parts)} == above
    assert "has parts that have changed" in refused(register, other, verdict="changed")
    raised = [replace(rule, version=rule.version + (rule.code in above)) for rule in rules()]
    grown = rule_register.extend(register, raised, other, "changed", HOW)
    added = {key: row for key, row in grown.rules.items() if key not in register.rules}
    assert {code for code, _ in added} == above
    version = register.current()[name].version + 1
    assert all(f"{name} {version}" in row.foundations for row in added.values())
    assert rule_register.extend(grown, raised, other) == grown
    assert "has changed, and rules are built on it" in refused(register, other, raised)


def lists() -> dict[str, row_versions.Rows]:
    return {name: catalogue.read_seed(name) for name in row_versions.LISTS}


def test_the_register_of_lists_is_up_to_date() -> None:
    registered = row_versions.read(PROJECT)
    assert row_versions.extend(registered, lists()) == registered, "run make rules"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("status_thresholds", "minimum_intention_points"),
        ("status_thresholds", "minimum_areas"),
        ("definitions", "quantity"),
        ("event_caps", "first_points"),
        ("control_ties", "percent"),
        ("network_rules", "hub_limit"),
    ],
)
def test_a_number_of_a_list_does_not_change_under_its_version(name: str, column: str) -> None:
    registered, changed_lists = row_versions.read(PROJECT), lists()
    row = next(row for row in changed_lists[name] if row[column])
    row[column] = str(int(row[column]) + 1)
    code = next(iter(row.values()))
    with pytest.raises(UserError, match=f"{code} of {name} has changed its numbers"):
        row_versions.extend(registered, changed_lists)
    before = row["version"]
    for other in changed_lists[name]:
        if next(iter(other.values())) == code:
            other["version"] = str(int(before) + 1)
    grown = row_versions.extend(registered, changed_lists)
    assert set(grown) - set(registered) == {(name, code, int(before) + 1)}


def test_published_numbers_are_those_that_the_rules_count_by(parts: Mapping[str, Part]) -> None:
    """A number in a rule's definition is a {place}, or stands in the rule's SQL; no threshold is written out."""
    for rule in rules():
        sql = "\n".join(
            parts[part].text for part in parts_of(rule.code, parts) if not part.startswith("seed")
        )
        for language in LANGUAGES:
            text = rule.texts[language]["definition"]
            assert not re.search(r"\d", rule.texts[language]["explanation"]), (rule.code, language)
            assert rule.threshold == 1 or "{threshold}" in text.lower(), (rule.code, language)
            literal = {number for number in re.findall(r"\b\d+\b", text) if not _counts_by(sql, int(number))}
            assert literal <= CITED.get(rule.code, set()), (rule.code, language, literal)


def _counts_by(sql: str, number: int) -> bool:
    """Whether the SQL has the number, or that many per cent."""
    return bool(re.search(rf"\b({number}|{re.escape(f'{number / 100:g}')})\b", sql))


def test_a_changed_number_changes_the_text() -> None:
    (arrears,) = (rule for rule in rules() if rule.code == "tax_arrears")
    assert "NOK 100,000" in arrears.definition("en")
    assert "250\u00a0000 kroner" in replace(arrears, threshold=250_000).definition("nb")
    (serial,) = (rule for rule in rules() if rule.code == "serial_bankruptcy")
    assert "tre eller flere ganger" in replace(serial, threshold=3).definition("nb")
    row = {"event": "bankruptcy", "first_points": "31", "further_points": "16", "version": "2"}
    assert "at most 31 points" in catalogue.said_of("event_definition", row, "en")


def test_every_rule_lists_the_extracts_it_uses(parts: Mapping[str, Part]) -> None:
    """What a rule can't be checked without while somebody disputes it."""
    said = {rule.code: set(rule.extracts) for rule in rules()}
    assert said == {code: set(extracts_used(code, parts)) for code in said}
    assert said["convicted"] == {"politiet/saker", "politiet/involverte", "politiet/personer"}
    assert all({e.partition("/")[0] for e in rule.extracts} >= set(rule.agencies) for rule in rules())
