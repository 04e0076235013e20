"""Real people's data are never taken for made-up ones, nor made-up ones for real, where a shell lacks the setting."""

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.commands.doctor.doctor import CHECKS
from akrim.corrections import Dispute, open_case
from akrim.deliveries import receive, record_strays, withdraw
from akrim.errors import UserError
from akrim.expiry import apply_limits, rehearse_limits
from akrim.releases import approve, erase_person, publish, recall
from akrim.sending import deliver, replace_keys
from akrim.sending.agencies import send_receipts
from akrim.settings import get_settings
from akrim.subjects import export_subject
from psycopg.types.json import Jsonb

from tests.ledger.entering import enter_release

DAY = date(2026, 6, 1)
WORK: dict[str, Callable[[Path], Any]] = {
    "receive": lambda folder: receive(str(folder), "nav", lambda _extract: pytest.fail("it was judged")),
    "strays": lambda folder: record_strays(str(folder)),
    "publish": lambda _folder: publish("2026-T1.1"),
    "let go": lambda _folder: approve("2026-T1.1", "Kari Vakt", "riktig"),
    "send": lambda _folder: deliver(),
    "answer": lambda _folder: send_receipts(),
    "take back": lambda _folder: recall("2026-T1.1", "Kari Vakt", "feil periode"),
    "erase": lambda _folder: erase_person("PAAAAAAAAAAAA", "Kari Vakt", "krevd"),
    "dispute": lambda _folder: open_case(Dispute("fact", "nav", "saker", "1"), "person", DAY, "feil", "kv"),
    "replace keys": lambda folder: replace_keys(folder / "successor.key", "stolen"),
    "remove": lambda _folder: apply_limits(DAY),
    "rehearse": lambda _folder: rehearse_limits(DAY),
    "tell a person": lambda folder: export_subject("PAAAAAAAAAAAA", folder / "p", "kari", "innsyn 2026-14"),
    "look": lambda _folder: CHECKS["whose data"](),
}


def enter_delivery(connection: psycopg.Connection, agency: str, *, is_synthetic: bool) -> None:
    connection.execute(
        "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint,"
        " manifest) values (%(agency)s || '-2026-T1-01', 'm', %(agency)s, '2026-T1', 'full', 'accepted', now(), 'f', 'f', %(manifest)s)",
        {"agency": agency, "manifest": Jsonb({"synthetic": is_synthetic})},
    )


@pytest.fixture(params=["synthetic", "production"])
def mode(request: pytest.FixtureRequest, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the settings say; a delivery of the other world is in force, and a release was made of it."""
    monkeypatch.setenv("AKRIM_DATA_MODE", request.param)
    monkeypatch.setenv("AKRIM_RETENTION", str(files("akrim.retention").joinpath("limits.yml")))
    get_settings.cache_clear()
    with psycopg.connect(warehouse) as connection:
        enter_delivery(connection, "nav", is_synthetic=request.param == "production")
        enter_release(connection, "2026-T1.1", "building", is_explained=True)
    return str(request.param)


@pytest.mark.parametrize("work", WORK)
def test_what_is_of_the_other_world_is_left_alone(work: str, mode: str, home: Path, tmp_path: Path) -> None:
    told = "is of real people" if mode == "synthetic" else "is synthetic"
    with pytest.raises(UserError, match=f"nav-2026-T1-01 {told}") as error:
        WORK[work](tmp_path)
    assert error.value.where == "AKRIM_DATA_MODE"
    assert not (home / "keys" / "demo").exists()


def test_once_it_is_withdrawn_work_goes_on(mode: str, warehouse: str) -> None:
    """A centre's form is no sign of a world: it says what the setting was when it came."""
    with psycopg.connect(warehouse) as connection:
        enter_delivery(connection, "sentrene", is_synthetic=mode == "production")
    withdraw("nav-2026-T1-01", "Kari Vakt", "av den andre verdenen")
    CHECKS["whose data"]()
    deliver()
