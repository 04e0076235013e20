"""No forbidden category of data reaches an assessment, under any name or path."""

import json
import re
from pathlib import Path

import pytest
import yaml
from akrim.contracts import load_contracts
from akrim.rules.data_use import compiled_models, find_breaches
from akrim.rules.lineage import Lineage, Model
from akrim.rules.model_page import WORDS, describe
from akrim.rules.scopes import UnknownOriginError
from akrim.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
POLICY = PROJECT / "data_use.yml"
CASES = yaml.safe_load((Path(__file__).parent / "forbidden_uses.yaml").read_text(encoding="utf-8"))
SPEAKS_OF = re.compile(r"statsborger|nasjonal|fodeland|landkode|etni|religi|kjonn|helse|diagnose|fagforening|fodselsnummer|ident|telefon")  # fmt: skip


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("target")


@pytest.fixture(scope="module")
def models(target: Path) -> list[Model]:
    return compiled_models(PROJECT, target)


@pytest.mark.slow
def test_every_column_from_delivery_to_mart_is_described(models: list[Model], target: Path) -> None:
    """As the page of every model shows it; and columns.yml has no word that no model needs."""
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    nodes = manifest["nodes"].values()
    own = {(node["name"], column) for node in nodes for column in node["columns"]}
    describe(manifest, models, PROJECT)
    unsaid = [
        (node["name"], column["name"])
        for node in [*nodes, *manifest["sources"].values()]
        for column in node["columns"].values()
        # Without quotes YAML ends a description in braces at its first comma, and the rest is lost as a key.
        if not column["description"].endswith((".", "…"))
    ]
    assert not unsaid
    lineage = Lineage(models)
    shown = {(model.name, name) for model in models for name in lineage.of(model.schema, model.name).columns}
    assert {
        (node["name"], name) for node in nodes if node["resource_type"] == "model" for name in node["columns"]
    } >= shown
    for seed in (PROJECT / "seeds").glob("*.csv"):
        head = seed.read_text("utf-8").partition("\n")[0].split(",")
        assert list(manifest["nodes"][f"seed.akrim.{seed.stem}"]["columns"]) == head, seed.stem
    words = yaml.safe_load((PROJECT / WORDS).read_text("utf-8"))
    assert set(words) <= {name for _, name in shown - own}
    assert list(words) == sorted(words)


@pytest.mark.slow
def test_the_project_has_no_breach(models: list[Model]) -> None:
    assert len(models) > 90
    assert find_breaches(models, POLICY) == []


@pytest.mark.slow
def test_categories_are_followed_from_the_deliveries(models: list[Model]) -> None:
    """A guard that followed nothing would find nothing: person numbers, names and addresses do reach linkage."""
    records = Lineage(models).of("intermediate", "person_records")
    assert "skatteetaten.person_number" in records.columns["identifier"]
    assert "nav.name" in records.columns["family_name"]
    assert "politiet.birth_date" in Lineage(models).of("marts", "persons").columns["birth_date"]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_a_forbidden_use_is_found(models: list[Model], case: dict[str, str]) -> None:
    layer = case.get("layer", "indicators")
    added = Model(layer, "added", case["sql"], layer)
    found = {breach.category for breach in find_breaches([added], POLICY, beside=models)}
    assert case["category"] in found if case["category"] else not found


@pytest.mark.slow
def test_a_column_of_unknown_origin_is_refused(models: list[Model]) -> None:
    for sql in ("select mystery from marts.persons", "select person_id from somewhere.unknown"):
        with pytest.raises(UnknownOriginError):
            find_breaches([Model("indicators", "added", sql, "indicators")], POLICY, beside=models)


def test_every_identifying_field_has_a_category() -> None:
    forbidden = set(yaml.safe_load(POLICY.read_text(encoding="utf-8"))["nowhere"])
    for contract in load_contracts().values():
        for extract in contract.extracts:
            for column in extract.columns:
                last = column.path.rpartition(".")[2].lower()
                if SPEAKS_OF.search(last):
                    assert column.category in forbidden, f"{extract.table}.{column.path}"
                assert (column.meaning == "personNumber") == (column.category == "person_number"), column.path
