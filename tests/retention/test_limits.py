"""Limits are decided by people: shipped for synthetic data alone, complete, each with a basis and a question; else work stops."""

from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.retention import require_limits

from tests.conftest import configure

SHIPPED = yaml.safe_load(resources.files("akrim.retention").joinpath("limits.yml").read_text("utf-8"))


def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lines: Any, mode: str = "production") -> None:
    path = tmp_path / "limits.yml"
    path.write_text(yaml.safe_dump(lines))
    configure(monkeypatch, AKRIM_RETENTION=str(path), AKRIM_DATA_MODE=mode)


def test_for_synthetic_data_every_category_has_a_length_a_basis_and_a_question(home: Path) -> None:
    limits = require_limits()
    assert set(limits) == set(SHIPPED)
    assert {f"delivered.{e.category}" for c in load_contracts().values() for e in c.extracts} <= set(limits)
    for limit in limits.values():
        assert limit.keep
        assert len(limit.basis) > 20
        assert limit.question.strip().endswith((".", "?"))
        assert "assumption" in limit.basis or limit.category in {
            "working_files", "bankruptcy_notices.natural_persons", "bankruptcy_notices.legal_persons",
        }  # fmt: skip


def test_an_installation_with_real_data_has_no_lengths_but_its_own(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    with pytest.raises(UserError, match="has not been decided") as missing:
        require_limits()
    assert missing.value.where == "AKRIM_RETENTION"
    use(monkeypatch, tmp_path, SHIPPED)
    assert require_limits()["linkage"].keep == "24 months"


@pytest.mark.parametrize("category", SHIPPED)
def test_a_category_without_a_length_stops_the_work_and_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, category: str
) -> None:
    use(monkeypatch, tmp_path, SHIPPED | {category: SHIPPED[category] | {"keep": None}})
    with pytest.raises(UserError, match=f"How long {category} is kept has not been decided") as unset:
        require_limits()
    assert unset.value.where == f"{tmp_path / 'limits.yml'}: {category}"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"keep": "two years"}, "is no length"),
        ({"keep": "0 months"}, "is no length"),
        ({"keep": "24 months; drop table x"}, "is no length"),
        ({"counted_from": "now"}, "cannot be counted from"),
        ({"basis": None}, "has no basis"),
        ({"note": "x"}, "has a field note"),
    ],
)
def test_a_line_that_is_none_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], told: str
) -> None:
    use(monkeypatch, tmp_path, SHIPPED | {"linkage": SHIPPED["linkage"] | change})
    with pytest.raises(UserError, match=told):
        require_limits()


def test_only_what_can_be_superseded_is_kept_until_it_is(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(
        monkeypatch,
        tmp_path,
        SHIPPED | {"delivered.tax_arrears": SHIPPED["delivered.tax_arrears"] | {"keep": "until_superseded"}},
    )
    assert require_limits()["delivered.tax_arrears"].interval == "0 days"
    use(monkeypatch, tmp_path, SHIPPED | {"logs": SHIPPED["logs"] | {"keep": "until_superseded"}})
    with pytest.raises(UserError, match="is no length for logs"):
        require_limits()


def test_a_misspelt_category_and_an_unreadable_file_are_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, SHIPPED | {"deliverd.tax_arrears": SHIPPED["delivered.tax_arrears"]})
    with pytest.raises(UserError, match=r"deliverd\.tax_arrears is no category"):
        require_limits()
    configure(monkeypatch, AKRIM_RETENTION=str(tmp_path / "none.yml"))
    with pytest.raises(UserError, match="cannot be read"):
        require_limits()


@pytest.mark.parametrize("step", ["scan", "receive", "pin", "publish", "retain"])
def test_no_step_works_without_limits(
    airflow: None, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from akrim.orchestration import steps  # imports Airflow, whose environment comes first

    use(monkeypatch, tmp_path, SHIPPED | {"linkage": {"keep": None}}, mode="synthetic")
    arguments: dict[str, Any] = {
        "receive": {"agency": "nav", "suite_for": None, "ti": None, "dag_run": None},
        "pin": {"params": {"release_id": None, "period": "2025-T3"}},
        "publish": {"params": {"release_id": "2025-T3.1"}},
    }
    with pytest.raises(Exception, match="How long linkage is kept has not been decided"):
        getattr(steps, step)(**arguments.get(step, {}))
