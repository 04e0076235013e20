"""Of whom a centre's part tells: whom it names, and whoever its changes, cases and moved ids are about."""

import json
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.sending import log_disclosure, named_to

from tests.audit.events import events
from tests.releases.tables import add
from tests.trust.conftest import SECOND

LEFT = {"person_id": "P2", "change": "left", "before": {"rank": 3}, "after": None}
SPLIT = {"person_id": "P4", "change": "split", "old_person_id": "P3"}
OF_GROUP = {"rules": [{"indicator_code": "convicted", "persons": [{"person_id": "P5", "points": -3}]}]}


@pytest.mark.parametrize(
    ("name", "document", "told"),
    [
        ("changes.json", {"changes": [LEFT, SPLIT], "since_last_period": None}, ["P2", "P3", "P4"]),
        ("changes.json", {"changes": [], "since_last_period": {"changes": [LEFT], "groups": [OF_GROUP]}}, ["P2", "P5"]),
        ("corrections.json", {"corrections": [{"case_id": "K-2026-001", "person_ids": ["P6"]}]}, ["P6"]),
        ("moved_ids.json", {"ids": [{"old_person_id": "P7", "kind": "merged", "person_ids": ["P1"]}]}, ["P7"]),
        ("moved_ids.json", {"ids": [], "networks": [{"old_network_id": "N1"}]}, []),
        ("changes.json", {"changes": [{"person_id": "P8", "old_person_id": None, "person_ids": None}]}, ["P8"]),
    ],
)  # fmt: skip
def test_whoever_a_file_tells_of_is_logged(
    name: str, document: object, told: list[str], installation: Path, warehouse: str
) -> None:
    (installation / "releases" / SECOND / "oslo" / name).write_text(json.dumps(document))
    with psycopg.connect(warehouse) as connection:
        add(
            connection, "named_persons", release_id=SECOND, centre_id="oslo", person_id="P1", named_because="listed"
        )  # fmt: skip
        for centre_id in ("oslo", "bergen"):
            log_disclosure(connection, SECOND, centre_id, means="login")
    oslo, bergen = (event["persons"] for event in events(warehouse, "disclosure"))
    assert (sorted(oslo), bergen) == (["P1", *told], [])


def test_a_file_that_cannot_be_read_is_named(installation: Path, warehouse: str) -> None:
    path = installation / "releases" / SECOND / "oslo" / "changes.json"
    path.write_bytes(path.read_bytes()[:-3])
    with (
        psycopg.connect(warehouse) as connection,
        pytest.raises(UserError, match="cannot be read") as refused,
    ):
        named_to(connection, SECOND, "oslo")
    assert refused.value.where == str(path)
