"""docs/centres.md, followed to the letter: every command on the page, at a centre and at the installation."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim.keys import create_keys
from akrim.sending import deliver
from akrim.settings import PROJECT_ROOT

from tests.releases import world
from tests.releases.test_round_trip import DECISION, fill
from tests.trust.conftest import SECOND, make_release

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(1200)]

PAGE = (PROJECT_ROOT / "docs" / "centres.md").read_text("utf-8")
BLOCK = re.compile(r"```sh (centre|installation)\n(.*?)```|\*\((fill in) svar-oslo.xlsx\)\*", re.DOTALL)


@pytest.fixture
def places(warehouse: str, home: Path, oslo: Path) -> dict[str, Path]:
    """The installation with one release, and the centre's machine, which see the same outbox and inbox."""
    create_keys()
    make_release(
        home, SECOND, 1, {"oslo": {"prioritisation.xlsx": (oslo / "prioritisation.xlsx").read_bytes()}}
    )
    with psycopg.connect(warehouse) as connection:
        world.reserve(connection, world.FIRST)
        world.reserve(connection, world.SECOND)
        connection.execute("update meta.releases set published_at = now(), status = 'published', serial = 1"
                           " where release_id = %s", [world.SECOND])  # fmt: skip
        world.hand_out(connection, world.SECOND, "oslo", world.SERIAL)
    deliver()
    centre, installation = home.parent / "centre", home.parent / "installation"
    for folder in (centre / "from-akrim", installation / "safe", home.parent / "inbox" / "sentrene"):
        folder.mkdir(parents=True)
    for place in (centre, installation):
        (place / "inbox").symlink_to(home.parent / "inbox")
    (centre / "outbox").symlink_to(home / "outbox")
    (installation / "from-oslo").symlink_to(centre / "keys")
    for name in ("signing.pub", "successor.pub"):
        shutil.copy(home / "keys" / name, centre / "from-akrim")
    (home / "keys" / "successor.key").rename(installation / "safe" / "successor.key")
    return {"centre": centre, "installation": installation}


def environment(place: Path, centre_programs: Path, warehouse: str, home: Path) -> dict[str, str]:
    """Where `akrim` is the command: at the centre the base install's, with neither settings nor a home."""
    at_centre = place.name == "centre"
    programs = centre_programs if at_centre else Path(sys.executable).parent
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AKRIM_", "PYTHON"))}
    here = {} if at_centre else {"AKRIM_HOME": str(home), "AKRIM_DATABASE_URL": warehouse}
    return plain | here | {"PATH": f"{programs}:{os.environ['PATH']}"}


def test_the_guide_works_as_it_stands(
    places: dict[str, Path], centre_programs: Path, warehouse: str, home: Path
) -> None:
    told = []
    for who, commands, by_hand in BLOCK.findall(PAGE):
        if by_hand:
            form = places["centre"] / "svar-oslo.xlsx"
            fill(form, form, {2: DECISION | {"besluttet_dato": date(2026, 5, 12)}})
            continue
        if "akrim releases deliver" in commands:  # no installation sends before its centres' keys are there
            assert (places["centre"] / "keys" / "recipient.txt").exists()
        done = subprocess.run(
            ["/bin/bash", "-eu", "-c", commands], cwd=places[who], env=environment(places[who], centre_programs, warehouse, home),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{who}: {commands}\n{done.stdout}\n{done.stderr}"
        told.append(done.stdout)
        if "keys add" in commands and "deliver" not in commands:
            deliver()
    assert not (places["centre"] / "var").exists()
    with psycopg.connect(warehouse) as connection:
        row = connection.execute(
            "select receipt_at from meta.sent_releases where centre_id = 'oslo'"
        ).fetchone()
        decided = connection.execute("select count(*) from landing.sentrene_beslutninger").fetchone()
    assert row is not None
    assert decided == (1,)
    assert sum("Whole and signed: 2026-T1.1 for oslo" in text for text in told) == 3


def test_every_refusal_of_the_guide_is_one_that_is_given() -> None:
    table = PAGE.partition("| it says | do |")[2].partition("\n\n")[0]
    source = "".join(path.read_text("utf-8") for path in (PROJECT_ROOT / "include/akrim/trust").rglob("*.py"))
    said = [part.strip() for row in table.splitlines()[2:] for part in row.split("|")[1].split(";")]
    words = {"signed with a key that is not trusted": "the one that is trusted", "signed with a key that was replaced": "was replaced",
             "older than one verified before": "was verified before", "another centre's": "these are the keys of",
             "not signed": "It is not signed",
             "no signed notice says that it was erased": "no signed notice says that", "sealed for other keys": "sealed for other keys"}  # fmt: skip
    assert len(said) > 8
    assert [text for text in said if words.get(text, text).lower() not in source.lower()] == []
