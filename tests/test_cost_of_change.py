"""What CONTRIBUTING says a change takes is all that it takes: made in a copy of the project, by those steps alone."""

import csv
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
import yaml
from akrim.changes import explain
from akrim.contracts import WITHOUT_CENTRE, centres, load_contracts, recipients, statuses
from akrim.errors import UserError
from akrim.keys.centres import all_recipients
from akrim.releases import publish
from akrim.rules import catalogue, catalogue_page, versions
from akrim.rules.foundations import Part, read_parts
from akrim.settings import PROJECT_ROOT, get_settings
from akrim.texts import labels, texts
from akrim.trust import find_problems

from tests.assessment.extracts import extracts_used
from tests.conftest import configure
from tests.deliveries.test_new_agency import CONTRACT as AGENCY
from tests.releases import tables, world

SEEDS = Path("dbt_project", "seeds")
INDICATORS = Path("dbt_project", "models", "indicators")
STAGING = Path("dbt_project", "models", "staging")

STAGED = "select deklarasjon_id, orgnr, {{ iso_date('dato') }} as declared_date from {{ state('toll', 'deklarasjoner') }}\n"
INDICATOR = """
with evidence as (
    select
        leaderships.person_id,
        'toll' as agency,
        'deklarasjoner' as extract,
        declarations.deklarasjon_id as source_row_id,
        declarations.declared_date as event_date,
        leaderships.orgnr,
        leaderships.is_strict
    from {{ ref('stg_toll__declarations') }} as declarations
    inner join {{ ref('leaderships') }} as leaderships on declarations.orgnr = leaderships.orgnr
    where {{ led_on('declarations.declared_date') }}
),

{{ observations('goods_declared', value='count(distinct source_row_id)') }}
"""
BLOCK = {
    "version": 1,
    "dimension": "capacity",
    "source": "Test",
    "legal_basis": "FOR-2022-06-17-1045 § 3",
    "agencies": ["toll", "brreg"],
    "extracts": ["brreg/enheter", "brreg/roller", "toll/deklarasjoner"],
    "threshold": 7,
    "points": 2,
    "step_size": 1,
    "step_points": 0,
    "cap": 2,
    "valid_from": date(2026, 1, 1),
    "owner": "Test",
}
SAID = {
    "nb": {
        "centre": "A-krimsenteret på Hamar",
        "agency": "Tolletaten",
        "rule": {
            "name": "Innførsel",
            "definition": "Minst 7 tolldeklarasjoner.",
            "explanation": "{value} deklarasjoner.",
        },
    },
    "nn": {
        "centre": "A-krimsenteret på Hamar",
        "agency": "Tolletaten",
        "rule": {
            "name": "Innførsel",
            "definition": "Minst 7 tolldeklarasjonar.",
            "explanation": "{value} deklarasjonar.",
        },
    },
    "en": {
        "centre": "Hamar work-related crime centre",
        "agency": "Norwegian Customs",
        "rule": {
            "name": "Imports",
            "definition": "At least 7 declarations.",
            "explanation": "{value} declarations.",
        },
    },
}


@dataclass(frozen=True)
class Copy:
    """A copy of the dbt project and of the centres' contract, with a centre, an agency and an indicator more."""

    root: Path
    parts: Mapping[str, Part]

    @property
    def project(self) -> Path:
        return self.root / "dbt_project"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(
        PROJECT_ROOT / "dbt_project", root / "dbt_project", ignore=shutil.ignore_patterns("target", "logs")
    )
    (root / "contracts").mkdir()
    _add_centre(root)
    _add_agency(root)
    _add_indicator(root)
    return Copy(root, read_parts(root / "dbt_project"))


@pytest.fixture
def changed(copy: Copy, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Copy]:
    """The copy, with the settings that point at it, and what is new named in every language."""
    for language, said in SAID.items():
        monkeypatch.setitem(texts(language, "codes")["centre"], "hamar", said["centre"])
        monkeypatch.setitem(texts(language, "codes")["agency"], "toll", said["agency"])
        monkeypatch.setitem(texts(language, "rules")["rule"], "goods_declared", said["rule"])
    labels.cache_clear()
    configure(monkeypatch, AKRIM_PROJECT_ROOT=str(copy.root), AKRIM_CONTRACTS=str(copy.root / "contracts"))
    yield copy
    monkeypatch.undo()
    labels.cache_clear()


def _add_centre(root: Path) -> None:
    _append(root / SEEDS / "centres.csv", "hamar")
    catchments = root / SEEDS / "centre_catchments.csv"
    _edit(catchments, "oslo,0301,2015-01-01,,assumed", "oslo,0301,2015-01-01,2026-01-01,assumed")
    _append(catchments, "hamar,0301,2026-01-01,,assumed")
    # Decisions on persons and on groups, and reports of whom was informed, each name their centre.
    contract = files("akrim.contracts").joinpath("sentrene.yaml").read_text(encoding="utf-8")
    _replace(
        root / "contracts" / "sentrene.yaml",
        contract,
        "{value: alta}, ",
        "{value: alta}, {value: hamar}, ",
        3,
    )


def _add_agency(root: Path) -> None:
    (root / "contracts" / "toll.yaml").write_text(AGENCY, encoding="utf-8")
    _edit(
        root / STAGING / "_landing.yml",
        "    tables:\n",
        "    tables:\n      - {name: toll_deklarasjoner, description: One declaration a row.}\n",
    )
    _append(root / SEEDS / "agencies.csv", "toll,130")
    (root / STAGING / "toll").mkdir()
    (root / STAGING / "toll" / "stg_toll__declarations.sql").write_text(STAGED, encoding="utf-8")


def _add_indicator(root: Path) -> None:
    (root / INDICATORS / "capacity" / "goods_declared.sql").write_text(INDICATOR, encoding="utf-8")
    path = root / INDICATORS / "capacity" / "_capacity.yml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["models"].append({"name": "goods_declared", "config": {"meta": BLOCK}})
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    _edit(
        root / "dbt_project" / "dbt_project.yml",
        "    - known_to_agencies\n",
        "    - known_to_agencies\n    - goods_declared\n",
    )


def _append(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + f"{line}\n", encoding="utf-8")


def _edit(path: Path, old: str, new: str) -> None:
    _replace(path, path.read_text(encoding="utf-8"), old, new, 1)


def _replace(path: Path, text: str, old: str, new: str, times: int) -> None:
    assert text.count(old) == times, (path.name, old)
    path.write_text(text.replace(old, new), encoding="utf-8")


def registered(changed: Copy) -> versions.Register:
    """The register after `make rules SAME="a centre more"`."""
    return versions.extend(
        versions.read(changed.project), catalogue.load_rules(), changed.parts, "same", "a centre more"
    )


def test_a_centre_is_two_seeds_a_code_of_the_contract_and_a_reason(changed: Copy) -> None:
    assert "hamar" in centres()
    assert all_recipients()["hamar"].kind == "demo"
    seeded = {row["centre_id"] for row in catalogue.read_seed("centres")}
    assert seeded == {*centres(), WITHOUT_CENTRE}
    assert {row["centre_id"] for row in catalogue.read_seed("centre_catchments")} == set(centres())
    with pytest.raises(UserError, match="seed centre_catchments has changed"):
        versions.extend(versions.read(changed.project), catalogue.load_rules(), changed.parts)
    assert registered(changed).current()["seed centre_catchments"].version == 1


@pytest.mark.slow
def test_a_centre_gets_its_folder_of_a_release(
    warehouse: str, changed: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "SEEDS", changed.root / SEEDS)
    with psycopg.connect(warehouse) as connection:
        world.build(connection)
    explain(world.FIRST)
    publish(world.FIRST)
    release = get_settings().releases_path / world.FIRST
    assert {path.name for path in release.iterdir() if path.is_dir()} == set(recipients())
    names = [{path.name for path in (release / centre).iterdir()} for centre in ("hamar", "bergen")]
    assert names[0] == names[1]
    assert find_problems(release) == []


@pytest.mark.usefixtures("home")
def test_centres_and_statuses_are_the_same_in_seeds_and_contract() -> None:
    assert {row["centre_id"] for row in catalogue.read_seed("centres")} == {*centres(), WITHOUT_CENTRE}
    assert {row["centre_id"] for row in catalogue.read_seed("centre_catchments")} == set(centres())
    ranked = sorted(catalogue.read_seed("status_codes"), key=lambda row: int(row["seriousness"]))
    assert tuple(row["status"] for row in ranked) == statuses()
    proposed = [row["proposed_status"] for row in catalogue.read_seed("status_thresholds")]
    assert tuple(dict.fromkeys(proposed)) == statuses()[: len(set(proposed))]
    labelled = {code for code_list, code in labels("nb") if code_list == "status"}
    assert labelled == set(statuses())
    assert {row["agency"] for row in catalogue.read_seed("agencies")} == set(load_contracts())


@pytest.mark.usefixtures("home")
def test_nothing_else_names_a_centre() -> None:
    """Unit tests beside the models do, and must."""
    named = re.compile(rf"""(["'])({"|".join(centres())})\1""")
    found = [
        path.relative_to(PROJECT_ROOT).as_posix()
        for folder in ("include", "dags", "plugins", "expectations", "dbt_project")
        for path in (PROJECT_ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".j2", ".typ"} and named.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_threshold_of_a_rule_is_one_line_and_a_version(changed: Copy) -> None:
    rules = catalogue.load_rules()
    register = registered(changed)

    def with_arrears(**change: int) -> list[catalogue.Rule]:
        return [replace(rule, **change) if rule.code == "tax_arrears" else rule for rule in rules]

    with pytest.raises(UserError, match="tax_arrears has changed its numbers"):
        versions.extend(register, with_arrears(threshold=200_000), changed.parts)
    [arrears] = (rule for rule in rules if rule.code == "tax_arrears")
    raised = with_arrears(threshold=200_000, version=arrears.version + 1)
    grown = versions.extend(register, raised, changed.parts)
    assert set(grown.rules) - set(register.rules) == {("tax_arrears", arrears.version + 1)}
    assert grown.foundations == register.foundations


def test_a_threshold_of_a_status_is_one_row(changed: Copy) -> None:
    before = catalogue_page.render_catalogue()
    path = changed.root / SEEDS / "status_thresholds.csv"
    kept = path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(kept.splitlines()))
    row = ",".join(rows[0].values())
    _edit(path, row, row.replace(rows[0]["minimum_intention_points"], "77", 1))
    after = catalogue_page.render_catalogue()
    path.write_text(kept, encoding="utf-8")
    assert "| 77 |" in after
    assert after.replace("| 77 |", f"| {rows[0]['minimum_intention_points']} |") == before


def test_an_agency_in_use_is_a_contract_a_staging_model_and_a_row(changed: Copy) -> None:
    assert load_contracts()["toll"].extract("deklarasjoner").table == "toll_deklarasjoner"
    staged = changed.parts["model stg_toll__declarations"]
    assert {"macro state", "macro iso_date"} <= staged.reads
    assert {row["agency"] for row in catalogue.read_seed("agencies")} == set(load_contracts())


def test_an_indicator_is_a_model_a_block_and_a_line(changed: Copy) -> None:
    rule = catalogue.load_rules()[-1]
    assert (rule.code, rule.area) == ("goods_declared", "capacity")
    assert extracts_used(rule.code, changed.parts) == set(rule.extracts)
    before, after = versions.read(changed.project), registered(changed)
    assert set(after.rules) - set(before.rules) == {("goods_declared", 1)}
    assert {row.name for row in after.foundations if row.name not in before.current()} == {
        "model goods_declared",
        "model stg_toll__declarations",
    }
    assert "model goods_declared" in changed.parts["model indicator_observations"].reads
    page = catalogue_page.render_catalogue()
    assert "Minst 7 tolldeklarasjoner." in page
    assert "- Etater: Tolletaten, Brønnøysundregistrene" in page
