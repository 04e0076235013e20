"""What belongs together in the dbt project is there together; each failure names what is missing."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from akrim.contracts import load_contracts
from akrim.rules import catalogue, catalogue_page, mart_documents
from akrim.settings import PROJECT_ROOT
from akrim.sharing import MARTS, classified
from akrim.sharing.national.tables import AS_THEY_ARE
from akrim.texts import LANGUAGES, LANGUAGES_OF_MARTS
from psycopg import sql

from tests.assessment.project import PROJECT, rows

pytestmark = pytest.mark.usefixtures("home")
MODELS = PROJECT / "models"
WITHOUT_GRAIN = "One row per"
# Text in the marts that is no code: ids, names, places, words, and what a seed of its own names.
NO_CODE = re.compile(
    r"(^|_)(id|orgnr|number|reference|name|address|postcode|period|extracts?)$|_(nb|en)$"
    r"|^(city|actions|municipality_code|industry_code|industry_group|code|note|table_name|column_name)$"
)

KEYS = """
select t.relname as mart, c.contype::text, array(
    select a.attname::text from unnest(c.conkey) with ordinality as k (number, place)
    join pg_attribute as a on a.attrelid = t.oid and a.attnum = k.number order by k.place
) as columns
from pg_class as t left join pg_constraint as c on c.conrelid = t.oid and c.contype in ('p', 'u')
where t.relnamespace = 'marts'::regnamespace and t.relkind = 'r'
"""


@cache
def documents() -> list[tuple[Path, dict[str, Any]]]:
    return [(path, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in MODELS.rglob("_*.yml")]


def described() -> dict[str, dict[str, Any]]:
    return {model["name"]: model for _, document in documents() for model in document.get("models", [])}


def unit_tests() -> list[dict[str, Any]]:
    return [test for _, document in documents() for test in document.get("unit_tests", [])]


def test_every_indicator_is_a_sql_file_a_yaml_block_and_a_line_in_the_project_file() -> None:
    files = {path.stem for path in (MODELS / "indicators").rglob("*.sql")}
    assert files == set(catalogue.indicator_codes())
    assert [rule.code for rule in catalogue.load_rules()] == catalogue.indicator_codes()
    assert len(files) >= 20


def test_every_indicator_has_a_case_that_fires_and_a_near_miss() -> None:
    for code in catalogue.indicator_codes():
        cases = [test for test in unit_tests() if test["model"] == code]
        given = {row.get("person_id") for case in cases for table in case["given"]
                 if isinstance(table.get("rows"), list) for row in table["rows"]}  # fmt: skip
        fired = {row["person_id"] for case in cases for row in case["expect"]["rows"]}
        assert fired, f"{code} has no unit test in which it fires"
        assert given - fired - {None}, f"{code} has no near miss in its unit tests"


def test_the_rules_are_whole() -> None:
    agencies = {row["agency"] for row in catalogue.read_seed("agencies")}
    for rule in catalogue.load_rules():
        assert rule.dimension in {"intention", "capacity"}
        assert set(rule.agencies) <= agencies, rule.code
        assert 0 <= rule.points <= rule.cap, rule.code
        assert rule.step_size > 0, rule.code
        assert all(said["explanation"].endswith(".") for said in rule.texts.values()), rule.code
        # No rule that speaks of intention sees everything: what else may explain what it finds is said with it.
        assert rule.dimension == "capacity" or all(said.get("cannot_see") for said in rule.texts.values()), (
            rule.code
        )


def test_a_measure_of_agencies_rows_names_extracts_that_there_are() -> None:
    """But for those of goals: what they count is of whoever is listed, whose rules say what could not be checked."""
    known = {
        f"{a}/{extract.name}" for a, contract in load_contracts().items() for extract in contract.extracts
    }
    for row in catalogue.read_seed("measures"):
        assert set(row["extracts"].split()) <= known, row["measure"]
        counts_rows = row["table_name"] != "goals" and row["made_from"] != "sentrene.decision"
        assert bool(row["extracts"]) == counts_rows, row["measure"]


def test_a_measure_names_the_data_that_it_counts_with_those_of_its_extracts() -> None:
    """By these it is kept from a centre that is not told them."""
    contracts = load_contracts()
    for row in catalogue.read_seed("measures"):
        made_from = set(row["made_from"].split())
        assert made_from, row["measure"]
        assert made_from <= classified(), row["measure"]
        for extract in (name.split("/") for name in row["extracts"].split()):
            assert f"{extract[0]}.{contracts[extract[0]].extract(extract[1]).category}" in made_from, row[
                "measure"
            ]


def test_the_published_catalogue_is_the_current_one() -> None:
    for name, languages in catalogue_page.PAGES.items():
        page = (PROJECT_ROOT / "docs" / name).read_text(encoding="utf-8")
        assert page == catalogue_page.render_catalogue(languages), "run make rules"


def test_every_language_has_the_catalogue_on_one_page() -> None:
    told = [language for languages in catalogue_page.PAGES.values() for language in languages]
    assert sorted(told) == sorted(LANGUAGES)
    assert catalogue_page.PAGES["rules.md"] == LANGUAGES_OF_MARTS


def test_the_seed_of_labels_is_that_of_the_texts(tmp_path: Path) -> None:
    catalogue_page.write_labels(tmp_path / "labels.csv")
    seed = PROJECT_ROOT / "dbt_project" / "seeds" / "labels.csv"
    assert seed.read_text("utf-8") == (tmp_path / "labels.csv").read_text("utf-8"), "run make rules"


def test_every_model_says_what_one_row_is() -> None:
    models = described()
    for path in MODELS.rglob("*.sql"):
        assert path.stem in models, f"{path.stem} is not described in its folder's YAML file"
        assert models[path.stem]["description"].startswith(WITHOUT_GRAIN), path.stem


def test_a_name_has_one_type_in_all_marts() -> None:
    """But `value`: what an observation counted may be a share, and a measure's is a whole number."""
    kinds: dict[str, set[str]] = {}
    for model in mart_documents().values():
        for column in model["columns"]:
            kinds.setdefault(column["name"], set()).add(column["data_type"])
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {
        "value": {"numeric", "bigint"}
    }


def test_every_agency_of_a_contract_is_staged() -> None:
    staged = "".join(path.read_text(encoding="utf-8") for path in (MODELS / "staging").rglob("*.sql"))
    for agency, contract in load_contracts().items():
        for extract in contract.extracts:
            # No assessment rests on an optional one: its state is read by macros of their own, so that nobody waits for it.
            optional = ("nominated('{}', ", "optional_extract('{}', '{}')")
            readings = optional if extract.is_optional else ("state('{}', '{}')",)
            assert any(reading.format(agency, extract.name) in staged for reading in readings), (
                f"no staging model reads {agency} {extract.name}"
            )


def test_landing_is_declared_as_the_contracts_have_it() -> None:
    [landing] = [source for _, document in documents() for source in document.get("sources", [])
                 if source["name"] == "landing"]  # fmt: skip
    agreed = {e.table: e.description for contract in load_contracts().values() for e in contract.extracts}
    assert {table["name"]: table["description"] for table in landing["tables"]} == agreed

    stale = {row["agency"]: int(row["stale_after_days"] or 0) for row in catalogue.read_seed("agencies")}
    allowed = landing["config"]["freshness"]["warn_after"]["count"]
    for table in landing["tables"]:
        is_timed = "freshness" not in table.get("config", {})
        assert stale[table["name"].split("_")[0]] == (allowed if is_timed else 0), table["name"]


def test_the_exposures_name_the_marts_that_they_are_made_from() -> None:
    exposed = {
        exposure["name"]: set(re.findall(r"'(\w+)'", str(exposure["depends_on"])))
        for _, document in documents()
        for exposure in document.get("exposures", [])
    }
    report = PROJECT_ROOT / "include" / "akrim" / "report"
    read = {
        mart
        for path in report.rglob("*.py")
        if "national" not in path.relative_to(report).parts
        for mart in re.findall(r'(?:tables\[|of_persons\()"(\w+)"', path.read_text(encoding="utf-8"))
    }
    national = (PROJECT_ROOT / "include" / "akrim" / "sharing" / "national" / "tables.py").read_text("utf-8")
    made_from = {*AS_THEY_ARE, *re.findall(r'"marts\.(\w+)"', national)}
    sent = {mart.name for mart in MARTS}
    assert exposed.pop("decision_form") <= exposed["report"]
    assert exposed == {"data_package": sent, "workbook": sent, "report": read, "national_part": made_from}


def test_what_centres_are_sent_has_the_keys_that_the_marts_are_documented_with() -> None:
    """But for the release, and the centre where all rows are the centre's own."""
    models = described()
    for mart in MARTS:
        [grain] = [test["unique_key"]["arguments"] for test in models[mart.name]["data_tests"]
                   if isinstance(test, dict) and "unique_key" in test]  # fmt: skip
        own = {"release_id"} | ({"centre_id"} if mart.row_filter.startswith("centre_id = ") else set())
        assert set(mart.key) == set(grain["columns"]) - own, mart.name
        assert set(mart.optional) == set(grain.get("optional", ())), mart.name


@pytest.mark.slow
def test_every_table_has_the_primary_key_that_it_is_documented_with(world: str) -> None:
    """Which tools ask for; a unique one where a column of it may be empty. Where an earlier program laid a unique one, it is replaced."""
    laid = {row.pop("mart"): tuple(row.values()) for row in rows(KEYS)}
    # No model makes it.
    documented = {
        "release_changes": ("p", ["release_id", "comparison", "centre_id", "change_number", "cause_number"])
    }
    for name in laid.keys() - documented:
        [grain] = [test["unique_key"]["arguments"] for test in described()[name]["data_tests"]
                   if isinstance(test, dict) and "unique_key" in test]  # fmt: skip
        documented[name] = ("u" if "optional" in grain else "p", grain["columns"])
    assert laid == documented
    assert len(laid) > 50

    with psycopg.connect(world) as connection:
        connection.execute(
            "alter table marts.roles drop constraint roles_key cascade, add constraint roles_key unique (release_id, role_id);"
            "alter table marts.roles alter release_id drop not null, alter role_id drop not null;"
            "select meta.lay_key('roles', array['release_id', 'role_id'], true)"
        )
    assert laid == {row.pop("mart"): tuple(row.values()) for row in rows(KEYS)}


def test_every_column_with_codes_says_which_list_names_them() -> None:
    listed = {
        (row["table_name"], row["column_name"]): row["code_lists"]
        for row in catalogue.read_seed("code_columns")
    }
    shown = {
        (mart, column["name"])
        for mart, model in mart_documents().items()
        for column in model["columns"]
        if column["data_type"] in ("text", "text[]") and not NO_CODE.search(column["name"])
    }
    by_code = {pair for pair in listed if pair[0] != "release_changes" and not NO_CODE.search(pair[1])}
    assert shown == by_code
    known = {row["code_list"] for row in catalogue.read_seed("labels")}
    assert {name for names in listed.values() for name in names.split()} <= known


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_every_code_that_a_mart_shows_has_its_name() -> None:
    for pair in catalogue.read_seed("code_columns"):
        names = {name: sql.Identifier(pair[name]) for name in ("table_name", "column_name")}
        values = (
            "unnest({column_name})" if is_array(pair["table_name"], pair["column_name"]) else "{column_name}"
        )
        unnamed = rows(
            sql.SQL("select distinct code from (select " + values + " as code from marts.{table_name}) as shown"
                    " where code not in (select code from marts.code_labels where (table_name, column_name) = ({table}, {column}))")
            .format(**names, table=pair["table_name"], column=pair["column_name"])
        )  # fmt: skip
        assert unnamed == [], pair


def test_every_source_of_records_is_named_as_a_subgroup_of_links() -> None:
    named = {row["code"] for row in catalogue.read_seed("labels") if row["code_list"] == "link_subgroup"}
    sources = {f"source/{row['agency']}" for row in catalogue.read_seed("agencies")} - {"source/sentrene"}
    assert {code for code in named if code.startswith("source/")} == sources


def is_array(table: str, column: str) -> bool:
    return any(
        one["name"] == column and one["data_type"] == "text[]"
        for one in mart_documents().get(table, {"columns": ()})["columns"]
    )


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_everything_that_analysts_read_is_described() -> None:
    """In the database too: each table and view, and each column."""
    described_there = rows("""
        select c.oid::regclass::text as place, a.attname as column_name, col_description(c.oid, a.attnum) as description,
            obj_description(c.oid, 'pg_class') like '%One row per%' as is_described
        from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace::regnamespace::text in ('marts', 'marts_current', 'marts_history', 'seeds') and c.relkind in ('r', 'v')
    """)
    assert len(described_there) > 1000
    assert [row for row in described_there if not (row["description"] and row["is_described"])] == []


def test_the_population_is_known_of_every_municipality_and_adds_up_to_the_countrys() -> None:
    every = {row["municipality_code"] for row in catalogue.read_seed("municipalities")}
    figures = {
        (row["year"], row["municipality_code"]): int(row["population"])
        for row in catalogue.read_seed("municipality_figures")
    }
    total = {"2024": 5_550_203, "2025": 5_594_340, "2026": 5_627_400}
    assert figures.keys() == {(year, code) for year in total for code in every}
    for year, persons in total.items():
        assert sum(figures[year, code] for code in every) == persons


@pytest.mark.slow
@pytest.mark.usefixtures("world")
def test_the_centres_seed_covers_every_kommune_once_or_leaves_it_without_a_centre() -> None:
    assert len(catalogue.read_seed("municipalities")) == 357
    twice = rows("""
        select a.municipality_code from seeds.centre_catchments a join seeds.centre_catchments b
            on a.municipality_code = b.municipality_code and a.centre_id <> b.centre_id
            and a.valid_from < coalesce(b.valid_to, 'infinity') and b.valid_from < coalesce(a.valid_to, 'infinity')
    """)
    assert twice == []
