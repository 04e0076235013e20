"""`akrim retention` says what is kept and held; the doctor says it too, and that limits are missing."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.cli import app
from akrim.commands.doctor.caution import Caution
from akrim.commands.doctor.doctor import CHECKS
from akrim.errors import UserError
from akrim.keys import create_keys
from akrim.sending import announce_erasure
from typer.testing import CliRunner

from tests.audit.events import events
from tests.conftest import configure
from tests.releases.tables import create_marts
from tests.sending.outboxes import enter
from tests.trust.conftest import FIRST, make_release


def told(*command: str) -> str:
    result = CliRunner().invoke(app, list(command), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def shown(*more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told("retention", "show", "--json", *more))
    return found


@pytest.fixture
def delivered(warehouse: str) -> str:
    """One accepted delivery of 2024, and what was set aside of it."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, received_at,"
            " folder, folder_fingerprint) values ('nav-2023-T3-01', 'm', 'nav', '2023-T3', 'full', 'accepted', '2024-01-05',"
            " '2024-01-05', 'f', 'f')"
        )
        connection.execute(
            "insert into quarantine.rows values ('nav-2023-T3-01', 'm', 'personer', 1, 'e', 'bad_date', '{\"nav_id\": \"N1\"}')"
        )
    return warehouse


def test_show_names_what_is_past_its_limit_on_a_day(delivered: str) -> None:
    def quarantined(day: str) -> tuple[int, int]:
        (line,) = (
            line for line in shown("--at", day)["categories"] if line["category"] == "quarantined_rows"
        )
        return line["past"], len(line["due"])

    assert quarantined("2024-07-04") == (0, 0)
    assert quarantined("2024-07-05") == (1, 1)
    assert "quarantined_rows" in told("retention", "show")


def test_a_dry_run_removes_nothing_and_apply_does(delivered: str) -> None:
    assert "would go quarantined_rows: nav-2023-T3-01" in told("retention", "apply", "--dry-run")
    with psycopg.connect(delivered) as connection:
        assert connection.execute("select count(raw) from quarantine.rows").fetchone() == (1,)
    assert events(delivered, "erasure") == []
    assert "removed quarantined_rows: nav-2023-T3-01" in told("retention", "apply", "--by", "Kari Vakt")
    assert "Nothing is past its limit" in told("retention", "apply", "--dry-run")
    with psycopg.connect(delivered) as connection:
        assert connection.execute("select count(raw) from quarantine.rows").fetchone() == (0,)
    (event,) = events(delivered, "erasure")
    assert (event["by_name"], event["delivery_id"], event["detail"]["rows"]) == (
        "Kari Vakt",
        "nav-2023-T3-01",
        1,
    )


def test_a_centre_is_told_of_what_went_the_last_time_which_was_killed_before(
    warehouse: str, home: Path
) -> None:
    create_keys()
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "named_persons")
    folder = make_release(home, FIRST, 1)
    enter(warehouse, FIRST, 1)
    announce_erasure(folder, "oslo", {"date": "2026-05-02", "reason": "Forbi grensen."})
    assert "Nothing is past its limit" in told("retention", "apply", "--dry-run")
    assert not (home / "outbox").exists()
    assert "Nothing is past its limit" in told("retention", "apply")
    assert (home / "outbox" / "oslo" / f"erasure-{FIRST}-oslo.statement.json").exists()


def test_what_is_held_is_listed_and_stays(delivered: str) -> None:
    told("retention", "hold", "delivery", "nav-2023-T3-01", "--by", "Kari Vakt", "--reason", "tilsyn 3")
    (hold,) = shown()["holds"]
    assert (hold["kind"], hold["held_id"], hold["by_name"], hold["reason"]) == (
        "delivery",
        "nav-2023-T3-01",
        "Kari Vakt",
        "tilsyn 3",
    )
    assert "held: delivery nav-2023-T3-01" in CHECKS["retention"]()
    assert "Nothing is past its limit" in told("retention", "apply")
    told("retention", "release", "delivery", "nav-2023-T3-01", "--by", "Kari Vakt", "--reason", "ferdig")
    assert shown()["holds"] == []


def test_whoever_is_shown_to_be_held_is_logged_and_the_doctor_names_nobody(delivered: str) -> None:
    told("retention", "show")
    with psycopg.connect(delivered) as connection:
        connection.execute(
            "insert into meta.legal_holds (kind, held_id, event, by_name, reason)"
            " values ('person', 'P-HELD', 'opened', 'Kari Vakt', 'innsyn'), ('release', '2023-T3.1', 'opened', 'Kari Vakt', 'tilsyn')"
        )
    assert CHECKS["retention"]().endswith("; held: release 2023-T3.1, 1 person")
    assert events(delivered, "consultation") == []
    shown("--by", "Per Vakt", "--purpose", "tilsyn 3")
    (event,) = events(delivered, "consultation")
    assert (event["by_name"], event["purpose"], event["persons"]) == ("Per Vakt", "tilsyn 3", ["P-HELD"])
    assert event["detail"] == {"command": "retention show", "holds": 2}


def test_rows_of_which_there_is_no_contract_any_more_are_told_of(delivered: str) -> None:
    assert "without a contract" not in told("retention", "show") + CHECKS["retention"]()
    with psycopg.connect(delivered) as connection:
        connection.execute(
            "insert into meta.delivery_files (delivery_id, manifest_sha256, extract, file_name, rows_loaded)"
            " values ('nav-2023-T3-01', 'm', 'personer', 'personer.csv', 2), ('nav-2023-T3-01', 'm', 'old', 'old.csv', 3)"
        )
    for said in (told("retention", "show"), CHECKS["retention"]()):
        assert "rows without a contract, which stay for ever: 3 of nav.old; put the contract back" in said
    assert shown()["without_contract"] == {"nav.old": 3}
    assert isinstance(CHECKS["retention"](), Caution)


def test_the_doctor_says_that_limits_are_missing(
    delivered: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "categories have a limit" in CHECKS["retention"]()
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    with pytest.raises(UserError, match="has not been decided"):
        CHECKS["retention"]()
