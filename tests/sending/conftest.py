"""An installation with two releases that are out."""

from pathlib import Path

import psycopg
import pytest
from akrim.keys import create_keys

from tests.releases.tables import create_marts
from tests.sending.outboxes import enter
from tests.trust.conftest import FIRST, SECOND, make_release


@pytest.fixture
def installation(warehouse: str, home: Path) -> Path:
    """A home with two published releases and the inbox beside it; its path."""
    create_keys()
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "named_persons")
    for release_id, serial in ((FIRST, 1), (SECOND, 2)):
        make_release(home, release_id, serial)
        enter(warehouse, release_id, serial)
    (home.parent / "inbox" / "sentrene").mkdir(parents=True)
    return home
