"""No indicator and no mart may come from nationality or what stands in for it: held by names and by lineage.

Person numbers live in staging and in intermediate.person_records alone. Everything after linkage must name each
column it takes from there, so that a forbidden one can neither be named nor slip through with an asterisk.
"""

import re
from pathlib import Path

import pytest
from akrim.rules import catalogue
from psycopg import sql

from tests.assessment.project import PROJECT, rows

FORBIDDEN = (
    "identifier", "previous_identifier", "fodselsnummer", "ident", "tidligere_ident", "d_number", "person_number",
    "nationality", "citizenship", "birth_country", "country_code", "landkode", "ethnicity", "origin", "religion",
    "sex", "gender", "kjonn", "health", "diagnosis", "union_membership", "phone",
)  # fmt: skip
CARRIERS = ("person_records", "stg_skatteetaten__persons", "stg_brreg__persons", "stg_nav__persons",
            "stg_politiet__persons", "stg_arbeidstilsynet__persons", "stg_brreg__roles")  # fmt: skip
AFTER_LINKAGE = sorted(
    path
    for folder in ("intermediate/linked", "intermediate/assessed", "indicators", "marts")
    for path in (PROJECT / "models" / folder).rglob("*.sql")
)
RULES = sorted((PROJECT / "models" / "indicators").rglob("*.sql"))


@pytest.mark.parametrize("path", AFTER_LINKAGE, ids=lambda path: path.stem)
def test_nothing_after_linkage_names_a_forbidden_column(path: Path) -> None:
    words = set(re.findall(r"[a-z_]+", re.sub(r"--.*|\{#.*?#\}", "", path.read_text(encoding="utf-8"))))
    assert not words & set(FORBIDDEN)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_takes_police_cases_only_where_they_may_add_points(path: Path) -> None:
    """What was dropped or ended in acquittal adds nothing: neither is a conviction, and neither may add points.

    That each such condition is noticed when it falls away is what benchmarks/rule_mutations.py shows.
    """
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"ref\('(stg_politiet__\w+|offence_cases)'\)", text), (
        "police cases come from linked/"
    )
    taken = r"ref\('(?:police_cases_of_persons|reports_to_police)'\)"
    asking = re.findall(
        taken + r" \}\}\s+where (?:(?:may_add_points|is_conviction)\s+and\b|\{\{ is_charged\(\) \}\})", text
    )
    assert len(asking) == len(re.findall(taken, text))


def test_the_condition_that_rules_share_asks_whether_a_case_may_add_points() -> None:
    macros = (PROJECT / "macros" / "indicators.sql").read_text(encoding="utf-8")
    (condition,) = re.findall(r"macro is_charged\(\) -%\}\s*\((.*?)\)\s*\{%- endmacro", macros, flags=re.S)
    assert re.match(r"\s*may_add_points\s+and\b", condition)
    assert " or " not in condition


def test_no_outcome_is_both_a_conviction_and_dropped_or_acquitted() -> None:
    outcomes = catalogue.read_seed("outcome_codes")
    assert any(row["is_conviction"] == "true" for row in outcomes)
    for row in outcomes:
        assert "true" not in (row["is_dropped"], row["speaks_for_person"]) or row["is_conviction"] == "false"


@pytest.mark.parametrize("path", AFTER_LINKAGE, ids=lambda path: path.stem)
def test_nothing_after_linkage_takes_every_column_of_a_table_that_holds_person_numbers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for carrier in CARRIERS:
        for alias in re.findall(rf"ref\('{carrier}'\) \}}\}}(?: as (\w+))?", text):
            assert not re.search(rf"\b{alias or carrier}\.\*", text), carrier
        assert not re.search(rf"select \*\s+from \{{\{{ ref\('{carrier}'\)", text), carrier


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_no_table_after_linkage_has_a_forbidden_column() -> None:
    linked = {path.stem for path in AFTER_LINKAGE}
    columns = rows("""
        select table_schema, table_name, column_name from information_schema.columns
        where table_schema in ('intermediate', 'indicators', 'marts', 'marts_current', 'marts_history')
    """)
    found = [c for c in columns if c["table_name"] in linked and c["column_name"] in FORBIDDEN]
    assert found == []


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_no_person_number_is_in_any_mart() -> None:
    for table in rows("select table_name from information_schema.tables where table_schema = 'marts'"):
        name = table["table_name"]
        assert (
            rows(
                sql.SQL("select 1 from {} as t where t::text ~ '(^|[^0-9])[0-9]{{11}}([^0-9]|$)'").format(
                    sql.Identifier("marts", name)
                )
            )
            == []
        ), name


def test_failed_tests_copy_no_rows() -> None:
    assert "+store_failures: false" in (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
