"""What `akrim situation` refuses before it reads anything, `akrim rules efficacy` beside it, and how it shows what could not be counted."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from akrim import insight, warehouse
from akrim.cli import app
from akrim.errors import UserError
from typer.testing import CliRunner


@pytest.mark.parametrize("command", [["situation"], ["rules", "efficacy"]])
def test_two_forms_at_once_are_refused(command: list[str], home: Path) -> None:
    refused = CliRunner().invoke(app, [*command, "--json", "--csv"]).exception
    assert isinstance(refused, UserError)
    assert refused.where == "--json, --csv"
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("language", "said"),
    [("nb", "kunne ikke telles"), ("nn", "kunne ikkje teljast"), ("en", "could not be counted")],
)
def test_what_could_not_be_counted_is_a_dash_that_is_explained(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    def row(
        scope: str, measure: str, numerator: int | None, denominator: int | None, unit: str
    ) -> dict[str, Any]:
        return {
            "scope": scope, "base": "all", "measure": measure, "numerator": numerator, "denominator": denominator,
            "value": numerator, "unit": unit, "definition_version": 1,
        }  # fmt: skip

    rows = [
        row(scope, *counted)
        for scope in ("national", "oslo")
        for counted in (("M1", 3, None, "persons"), ("M5", None, 3, "per_cent"), ("M6", None, None, "cases"))
    ]
    monkeypatch.setattr(warehouse, "prepare", lambda: None)
    monkeypatch.setattr(
        insight, "assessed_window", lambda _: ("2026-T1.1", date(2020, 1, 1), date(2025, 12, 31))
    )
    monkeypatch.setattr(insight, "read_situation", lambda *_: rows)
    told = CliRunner().invoke(app, ["situation", "--language", language], catch_exceptions=False).output
    assert said in " ".join(told.split())
    assert "None" not in told
    monkeypatch.setattr(insight, "read_situation", lambda *_: rows[:1])
    assert said not in CliRunner().invoke(app, ["situation", "--language", language]).output
