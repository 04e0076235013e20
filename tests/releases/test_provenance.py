"""pins.json describes a release and all before it; from it an empty database can be brought to each reservation."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.errors import UserError
from akrim.formats import as_json
from akrim.orchestration import pinning
from akrim.releases.provenance import Provenance, read_provenance, write_pins
from akrim.releases.provenance.schema import check_pins
from akrim.reproduction import from_folder
from akrim.trust import Refused, signing

from tests.releases import world

pytestmark = pytest.mark.slow

DECIDED = """
insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r, verdict, reason, author)
values ('nav', %s, 'politiet', %s, 'same', 'Samme telefon.', 'kn') returning decision_id
"""
PINNED = "update meta.releases set last_decision_id = %s where release_id = %s"


@pytest.fixture
def provenance(golden: Path, golden_database: str, published: Path) -> Iterator[Provenance]:
    """The second release's provenance, with a verdict before each reservation and one too late."""
    from akrim import ledger

    with psycopg.connect(golden_database) as connection:
        for number, release_id in enumerate((world.FIRST, world.SECOND, None)):
            (decided,) = connection.execute(DECIDED, [f"n{number}", f"p{number}"]).fetchall()
            connection.execute(PINNED, [decided[0], release_id])
    folder = golden / "pins"
    folder.mkdir(parents=True)
    write_pins(folder, ledger.load(world.SECOND))
    yield Provenance(**json.loads((folder / "pins.json").read_text("ascii")))
    with psycopg.connect(golden_database) as connection:
        connection.execute("truncate linkage.link_decisions restart identity")
        connection.execute("update meta.releases set last_decision_id = 0")


def pinned(provenance: Provenance, database: str) -> list[dict[str, Any]]:
    """The releases, each with the digest of the verdicts of its time, as pinning computes it."""
    releases = []
    with psycopg.connect(database) as connection:
        for release in provenance.releases:
            connection.execute(
                "delete from linkage.link_decisions where decision_id > %s", [release["last_decision_id"]]
            )
            digest = pinning.link_decisions_digest(connection)
            releases.append(
                release | {"inputs": release["inputs"] | {"link_decisions": digest, "corrections": []}}
            )
            connection.rollback()
    return releases


def test_every_release_is_named_with_the_verdicts_by_then(provenance: Provenance) -> None:
    assert [release["release_id"] for release in provenance.releases] == [world.FIRST, world.SECOND]
    assert [release["serial"] for release in provenance.releases] == [1, 2]
    assert [release["base_release_id"] for release in provenance.releases] == [None, world.FIRST]
    assert [release["last_decision_id"] for release in provenance.releases] == [1, 2]
    assert [row["source_record_id_l"] for row in provenance.link_decisions] == ["n0", "n1"]
    assert "decided_at" not in provenance.link_decisions[0], "no clock leaves a trace in a release"


def test_an_empty_database_is_brought_to_each_reservation(
    provenance: Provenance, golden_database: str, warehouse: str
) -> None:
    for number, release in enumerate(pinned(provenance, golden_database), start=1):
        from_folder._restore_release(warehouse, release, provenance)
        with psycopg.connect(warehouse) as connection:
            verdicts = connection.execute(
                "select decision_id, verdict from linkage.link_decisions"
            ).fetchall()
            entered = connection.execute(
                "select status, fingerprint, base_release_id, pins from meta.releases where release_id = %s",
                [release["release_id"]],
            ).fetchall()
        assert verdicts == [(n, "same") for n in range(1, number + 1)]
        assert entered == [
            ("building", release["fingerprint"], release["base_release_id"], release["inputs"])
        ]


def test_missing_and_differing_deliveries_are_named(provenance: Provenance, tmp_path: Path) -> None:
    other = tmp_path / "nav" / "nav-2025-T3-01"
    other.mkdir(parents=True)
    (other / "manifest.json").write_text("{}")
    with pytest.raises(UserError) as told:
        from_folder._collect_deliveries(provenance, tmp_path, tmp_path / "home")
    lines = str(told.value).splitlines()
    assert "  nav-2025-T3-01: another manifest than the pinned one" in lines
    assert "  brreg-2026-T1-01: missing" in lines


def test_written_pins_match_the_schema(provenance: Provenance, golden: Path, published: Path) -> None:
    check_pins(json.loads((golden / "pins" / "pins.json").read_bytes()))
    check_pins(json.loads((published / world.SECOND / "pins.json").read_bytes()))


def test_a_centres_part_is_not_enough(oslo: Path, published: Path) -> None:
    keys = published.parent / "keys"
    with pytest.raises(UserError, match="cannot be rebuilt"):
        read_provenance(oslo, keys)
    assert as_json(read_provenance(oslo.parent, keys).releases)


def test_an_unsigned_release_is_refused(published: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"no signing\.pub"):
        read_provenance(published / world.SECOND, tmp_path)
    signing.create_pair(tmp_path / "other.key", tmp_path / "signing.pub", "signing key")
    with pytest.raises(Refused) as refused:
        read_provenance(published / world.SECOND, tmp_path)
    assert refused.value.code == "unknown_key"
