"""What has been said to be protected since a release was made goes to nobody who has not got it."""

from pathlib import Path

import psycopg
from akrim.commands.keys import app as keys_app
from akrim.commands.releases import app as releases_app
from akrim.errors import UserError
from akrim.keys import add_recipient
from akrim.sending import deliver
from typer.testing import CliRunner

from tests.sending.outboxes import outbox_files
from tests.trust.conftest import CENTRES, FIRST, SECOND

PROTECT = """
insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint)
values ('skatteetaten-2026-T1-02', '0', 'skatteetaten', '2026-T1', 'full', 'accepted', now(), 'f', 'f');
insert into landing.protection_statements (delivery_id, agency, extract, record_id, is_keyless, grade)
values ('skatteetaten-2026-T1-02', 'skatteetaten', 'personer', 'P1', false, 'fortrolig')
"""


def test_what_shows_a_home_protected_since_goes_to_nobody_who_has_not_got_it(
    installation: Path, tmp_path: Path, warehouse: str
) -> None:
    deliver()
    with psycopg.connect(warehouse) as connection:
        connection.execute(PROTECT.encode())
    before = outbox_files(installation)
    delivered = deliver()
    assert (delivered.sent, delivered.failed) == ({}, {})

    CliRunner().invoke(keys_app, ["centre", "oslo", "--out", str(tmp_path / "new")])
    add_recipient("oslo", tmp_path / "new" / "recipient.txt")
    assert list(failed := deliver().failed) == ["oslo"]
    assert "before it was said that somebody's home is protected" in failed["oslo"]
    assert f"take {SECOND} back first: akrim releases recall" in failed["oslo"]
    assert list(deliver(again=True).failed) == list(CENTRES)
    assert outbox_files(installation) == before

    told = CliRunner().invoke(releases_app, ["recall", SECOND, "--by", "Kari Vakt", "--reason", "A home is protected"])  # fmt: skip
    assert (told.exit_code, f"{SECOND} is recalled." in told.output) == (1, True), "something is to be done"
    assert isinstance(told.exception, UserError)
    assert "or a later period whose release was recalled: akrim run. Where" in told.exception.what
    assert all(why.startswith(FIRST) for why in deliver().failed.values())
    assert f"oslo/recall-{SECOND}-oslo.statement.json" in outbox_files(installation)
