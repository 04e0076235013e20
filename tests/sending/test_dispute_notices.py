"""Dispute notices reach the centres that have the fact: signed, sealed for each, and shown on verification."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim import corrections
from akrim.contracts import load_contracts
from akrim.corrections import disputes_in
from akrim.keys import add_recipient, create_keys
from akrim.sending import dispute_notices
from akrim.sending.dispute_notices import send_dispute_notices
from akrim.trust import Refused, sealing
from akrim.trust.keyring import write_statement
from akrim.trust.verification import Check, Verified, disputed, unseal_notice
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from tests.audit.events import events
from tests.ledger.entering import enter_release, enter_run
from tests.releases import world

pytestmark = pytest.mark.slow

CASE, NAME = "K-2026-001", "correction-K-2026-001.notice.age"
EVIDENCE = """
select item ->> 'agency', item ->> 'extract', item ->> 'source_row_id'
from marts.indicator_observations cross join jsonb_array_elements(evidence) as item
where release_id = %s and person_id = %s and checked = 'fired' order by 1, 2, 3 limit 1
"""
ADD = """
insert into meta.corrections (case_id, event, kind, agency, extract, source_row_id, disputed_by, disputed_since, reason, author)
values (%s, %s, 'fact', %s, %s, %s, 'person', '2026-05-12', 'Gjelder en annen.', 'kn')
"""
PARTED = "2026-T2.1"
# Every golden release has a run.
OF_RECORD = """
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,
    valid_from_release, valid_to_release) values ('politiet', 'personer', 'p1', '', %s, 'single', %s, %s)
"""
OF_NO_ROLE = f"""
update meta.corrections set (agency, extract, source_row_id) = (
    select * from ({EVIDENCE.replace("order by", "and item ->> 'extract' not in ('roller', 'enheter') order by")}) as found
)
"""
OF_NO_RULE = """
select case_number from marts.offence_cases as c where release_id = %s and person_id = %s and not exists (
    select from marts.indicator_observations as o cross join jsonb_array_elements(o.evidence) as item
    where (o.release_id, o.person_id) = (c.release_id, c.person_id) and item ->> 'source_row_id' = c.case_number
) order by 1 limit 1
"""
NOMINATE = """
insert into marts.nominations (release_id, centre_id, agency, nomination_id, person_id) values (%s, 'oslo', 'politiet', 'n9', %s)
"""
BANKRUPT_LONG_AGO = """
insert into marts.bankruptcy_involvements (release_id, role_id, person_id, orgnr) values (%s, 'r9', %s, '310000009')
"""
WITHHOLD = "update meta.releases set pins = jsonb_set(pins, '{withheld}', %s) where release_id = %s"
MADE_WITH = "update meta.releases set pins = jsonb_set(pins, '{corrections}', %s) where release_id = %s"
WITHHOLD_RULES = """
insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)
select distinct release_id, 'oslo', indicator_code, 'nothing' from marts.indicator_observations where release_id = %s
"""
BY_RECORD = "update meta.corrections set person_source = 'politiet', person_source_record_id = 'p1', is_own_row = false"


@pytest.fixture
def fact(golden: Path, golden_database: str) -> Iterator[tuple[str, str, str]]:
    """A disputed fact that Oslo's serial bankrupt rests on; gone from the shared database at the end."""
    create_keys()
    with psycopg.connect(golden_database) as connection:
        found = connection.execute(EVIDENCE, [world.SECOND, world.SERIAL]).fetchall()[0]
        connection.execute(ADD, [CASE, "opened", *found])
    yield found
    with psycopg.connect(golden_database) as connection:
        connection.execute("delete from meta.corrections")
        connection.execute("delete from meta.sent_statements")


def test_centres_with_the_fact_are_notified_once_for_the_same_keys(
    fact: tuple[str, str, str], golden: Path, golden_database: str, tmp_path: Path
) -> None:
    assert send_dispute_notices([world.SECOND]) == ({"oslo": [CASE]}, {})
    assert [str(path.relative_to(golden / "outbox")) for path in (golden / "outbox").rglob("*.age")] == [
        f"oslo/{NAME}"
    ]
    assert send_dispute_notices([world.SECOND]) == ({}, {})
    told = [event for event in events(golden_database, "disclosure") if event["detail"]["means"] == "notice"]
    assert [(event["recipient"], event["persons"]) for event in told] == [("oslo", [world.SERIAL])]

    sealing.create_identity(tmp_path)
    add_recipient("oslo", tmp_path / "recipient.txt")
    assert send_dispute_notices([world.SECOND]) == ({"oslo": [CASE]}, {})
    with psycopg.connect(golden_database) as connection:
        connection.execute(ADD, [CASE, "rejected", *fact])
    assert send_dispute_notices([world.SECOND]) == ({}, {})
    assert list((golden / "outbox").rglob("*.age")) == []


def test_a_notice_lies_there_while_a_release_in_force_has_the_fact(
    fact: tuple[str, str, str], golden: Path
) -> None:
    """The next release tells of the open case itself; the notice would stay signed with a key that was replaced since."""
    sealed = golden / "outbox" / "oslo" / NAME
    send_dispute_notices([world.SECOND])
    assert send_dispute_notices([]) == ({}, {})
    assert not sealed.exists()
    assert send_dispute_notices([world.SECOND]) == ({"oslo": [CASE]}, {}), "where the next one is recalled"
    assert sealed.exists()


def test_the_centre_sees_the_notice_whenever_it_verifies_the_release(
    fact: tuple[str, str, str], golden: Path
) -> None:
    send_dispute_notices([world.SECOND])
    check = Check(golden / "keys" / "demo" / "oslo", date(2026, 6, 1))

    said = unseal_notice(golden / "outbox" / "oslo" / NAME, check)

    assert (said["agency"], said["extract"], said["source_row_id"]) == fact
    assert said["person_ids"] == [world.SERIAL]
    assert said["sent_in"] == [world.SECOND]
    assert said["told_en"].startswith("Disputed since 2026-05-12. Do not rely on it in 2026-T1.1")
    of = {r: Verified(r, "oslo", 2, "0" * 64, "2027-06-04") for r in (world.FIRST, world.SECOND)}
    assert [case["case_id"] for case in disputed(of[world.SECOND], check)] == [CASE]
    assert disputed(of[world.FIRST], check) == []


def test_once_the_disputants_record_is_gone_nobody_else_is_told_of_as_disputing(
    fact: tuple[str, str, str], golden: Path, golden_database: str
) -> None:
    """Others rest on the fact, too: a case with several suspects, of whom one disputed it and was erased since."""
    with psycopg.connect(golden_database) as connection:
        connection.execute(BY_RECORD)
    assert send_dispute_notices([world.SECOND]) == ({}, {})


@pytest.mark.parametrize("kept", ["row", "rule"])
def test_a_centre_is_told_of_no_dispute_of_what_is_kept_from_it(
    fact: tuple[str, str, str], golden_database: str, kept: str
) -> None:
    """Neither of a row whose kind it may not know, nor of one that it was sent by a withheld rule alone."""
    with psycopg.connect(golden_database) as connection:
        connection.execute(OF_NO_ROLE, [world.SECOND, world.SERIAL])
        (case,) = corrections.cases(connection)
        assert disputes_in(connection, [case], [world.SECOND], "oslo")
        if kept == "rule":
            connection.execute(WITHHOLD_RULES, [world.SECOND])
        else:
            kind = load_contracts()[case["agency"]].extract(case["extract"]).category
            withheld = Jsonb({"oslo": {f"{case['agency']}.{kind}": "nothing"}})
            connection.execute(WITHHOLD, [withheld, world.SECOND])
        assert disputes_in(connection, [case], [world.SECOND], "oslo") == []
        connection.rollback()


def test_a_release_that_was_made_with_the_open_case_is_not_told_of(
    fact: tuple[str, str, str], golden_database: str
) -> None:
    """A record that is kept apart lies in it all the same, as somebody else's."""
    made_with = Jsonb([{"case_id": CASE, "state": "open"}])
    with psycopg.connect(golden_database) as connection:
        (case,) = corrections.cases(connection)
        assert disputes_in(connection, [case], [world.SECOND], "oslo")
        connection.execute(MADE_WITH, [made_with, world.SECOND])
        assert disputes_in(connection, [case], [world.SECOND], "oslo") == []
        connection.rollback()


def test_a_centre_is_told_of_a_disputed_row_that_no_rule_counts(
    fact: tuple[str, str, str], golden_database: str
) -> None:
    """It was sent to it, and is gone from the next release."""
    with psycopg.connect(golden_database) as connection:
        (case,) = corrections.cases(connection)
        ((number,),) = connection.execute(OF_NO_RULE, [world.SECOND, world.SERIAL]).fetchall()
        connection.execute(
            "create table landing.any_involverte partition of landing.politiet_involverte default"
        )
        connection.execute(
            "insert into landing.politiet_involverte (delivery_id, row_number, involvert_id, saksnummer) values ('x', 1, 'i1', %s)",
            [number],
        )
        connection.execute(NOMINATE, [world.SECOND, world.SERIAL])
        connection.execute(BANKRUPT_LONG_AGO, [world.SECOND, world.SERIAL])
        for row in (
            ("politiet", "saker", number), ("politiet", "involverte", "i1"), ("politiet", "nominasjoner", "n9"),
            ("brreg", "enheter", "310000009"),
        ):  # fmt: skip
            asked = case | dict(zip(("agency", "extract", "source_row_id"), row, strict=True))
            (told,) = disputes_in(connection, [asked], [world.SECOND], "oslo")
            assert told["person_ids"] == [world.SERIAL]
            assert disputes_in(connection, [asked], [world.SECOND], "alta") == []
            with connection.transaction(force_rollback=True):
                connection.execute(
                    "update marts.named_persons set named_because = 'nominated' where person_id = %s",
                    [world.SERIAL],
                )
                is_told = bool(disputes_in(connection, [asked], [world.SECOND], "oslo"))
            assert is_told == (row[1] == "nominasjoner"), (
                "of a nominated person the nomination alone was sent"
            )
        connection.rollback()


def test_a_centre_is_told_of_a_disputant_whose_record_the_agency_has_removed_since(
    fact: tuple[str, str, str], golden: Path, golden_database: str
) -> None:
    with psycopg.connect(golden_database) as connection:
        connection.execute(BY_RECORD)
        connection.execute(OF_RECORD, [world.SERIAL, world.FIRST, world.SECOND])
    try:
        assert send_dispute_notices([world.SECOND]) == ({"oslo": [CASE]}, {})
    finally:
        with psycopg.connect(golden_database) as connection:
            connection.execute("delete from linkage.memberships")
    # As her erasure does: what was sent of her dispute lies there no longer, though nobody closes the case.
    assert (golden / "outbox" / "oslo" / NAME).exists()
    assert send_dispute_notices([world.SECOND]) == ({}, {})
    assert not (golden / "outbox" / "oslo" / NAME).exists()


def test_a_centre_is_told_of_a_disputant_who_was_parted_since_from_whom_it_was_sent(
    fact: tuple[str, str, str], golden: Path, golden_database: str
) -> None:
    """Two were taken for one, and so the centre has the fact under the other's id."""
    with psycopg.connect(golden_database) as connection:
        connection.execute(BY_RECORD)
        enter_release(connection, PARTED)
        enter_run(connection, PARTED)
        connection.execute(OF_RECORD, [world.SERIAL, world.FIRST, PARTED])
        connection.execute(OF_RECORD, ["p-parted", PARTED, None])
    try:
        assert send_dispute_notices([world.SECOND]) == ({"oslo": [CASE]}, {})
    finally:
        with psycopg.connect(golden_database) as connection:
            connection.execute("delete from linkage.memberships")
            connection.execute("delete from linkage.runs where release_id = %s", [PARTED])
            connection.execute("delete from meta.releases where release_id = %s", [PARTED])


def test_a_notice_is_written_out_in_the_home_alone_and_gone_once_sealed(
    fact: tuple[str, str, str], golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def write(folder: Path, *rest: Any) -> None:
        written.append(folder)
        write_statement(folder, *rest)

    monkeypatch.setattr(dispute_notices, "write_statement", write)
    send_dispute_notices([world.SECOND])
    assert [(folder.parent, folder.exists()) for folder in written] == [(golden, False)]


def test_other_recipients_and_senders_are_refused(fact: tuple[str, str, str], golden: Path) -> None:
    send_dispute_notices([world.SECOND])
    sealed = golden / "outbox" / "oslo" / NAME
    with pytest.raises(Refused) as refused:
        unseal_notice(sealed, Check(golden / "keys" / "demo" / "bergen", date(2026, 6, 1)))
    assert refused.value.code == "sealed_for_others"

    oslo = golden / "keys" / "demo" / "oslo"
    (oslo / "centre.txt").write_text("bergen\n")
    with pytest.raises(Refused) as refused:
        unseal_notice(sealed, Check(oslo, date(2026, 6, 1)))
    assert refused.value.code == "other_centre"

    (oslo / "signing.pub").write_bytes((oslo / "successor.pub").read_bytes())
    with pytest.raises(Refused) as refused:
        unseal_notice(sealed, Check(oslo, date(2026, 6, 1)))
    assert refused.value.code == "unknown_key"


def test_the_command_tells_in_both_languages(fact: tuple[str, str, str], golden: Path) -> None:
    from akrim.cli import app

    send_dispute_notices([world.SECOND])
    sealed, keys = golden / "outbox" / "oslo" / NAME, golden / "keys" / "demo" / "oslo"
    told = CliRunner().invoke(app, ["releases", "decrypt", str(sealed), "--keys", str(keys)])
    assert told.exit_code == 0
    assert all(
        word in told.output for word in (CASE, "Gjelder en annen.", "Ikke bygg på det", "Do not rely on it")
    )
