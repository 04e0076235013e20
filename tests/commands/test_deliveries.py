"""The table of deliveries is read as a table, wherever it is printed."""

import psycopg
import pytest
from akrim.commands.deliveries import app
from typer.testing import CliRunner

LONG_ID = "sentrene-2025-T3.1-stavanger-f5626c90aec7"


def test_no_number_or_code_is_broken_over_lines(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, folder,"
            " folder_fingerprint) values (%s, repeat('0', 64), 'sentrene', '2025-T3', 'delta', 'accepted', '', '')",
            [LONG_ID],
        )
    printed = CliRunner().invoke(app, []).output.splitlines()
    assert [line.split()[:4] for line in printed] == [
        ["delivery_id", "status", "period", "mode"],
        [LONG_ID, "accepted", "2025-T3", "delta"],
    ]
