"""What waits for somebody: deliveries that were refused or came early, agencies that are late, data that are too old."""

import re
from datetime import date
from pathlib import Path

import psycopg
import pytest
from akrim import ledger
from akrim.orchestration.alerts import Alert, current_conditions
from akrim.orchestration.gauges import measure
from akrim.releases import ReleaseOnHold, approve, holding

from tests.conftest import configure
from tests.orchestration.alerts.standing import DELIVERY, TODAY, stands
from tests.releases.compared_marts import FIRST, SECOND, Marts
from tests.releases.compared_marts import standing as extract


def test_what_stands_is_what_waits_for_a_person_and_is_measured(warehouse: str) -> None:
    """A delivery for a period to come, a refused one, agencies that are late, a held release, old data, a missing receipt."""
    assert stands() == {}
    with psycopg.connect(warehouse) as connection:
        marts = Marts(connection)
        marts.pin(SECOND, saker=extract("empty", 0, 5))
        for row in (
            ("nav-2026-T1-01", "2026-T1", "accepted", None, 0),
            ("nav-2130-T1-01", "2130-T1", "accepted", None, 1),
            ("nav-2026-T1-02", "2026-T1", "refused", "rows_mismatch", 2),
            ("=cmd|nav\n2026", "2026-T1", "refused", "columns", 3),
        ):
            marts.run(DELIVERY, *row)
        marts.run("update marts.delivery_ages set is_stale = true, newest_fact_date = '2025-01-01'")
        marts.run(
            "insert into meta.sent_releases (release_id, centre_id, content_sha256, recipients_sha256, manifest_sha256, sent_at)"
            " values (%s, 'oslo', 'c', 'r', 'm', now() - interval '15 days')",
            FIRST,
        )
        marts.run(
            "insert into meta.sent_statements (centre_id, name, sha256, sent_at) values ('oslo', %s, 'x', now() - interval '15 days')",
            f"erasure-{FIRST}-oslo.statement.json",
        )
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))
    late = ["arbeidstilsynet", "brreg", "politiet", "skatteetaten"]
    found = stands()
    refused = found.pop("refused")
    assert refused[0] == "nav-2026-T1-02"
    assert re.fullmatch(r"_cmd_nav_2026~[0-9a-f]{8}", refused[1])
    assert found == {
        "early": ["nav-2130-T1-01"],
        "missing": late,
        "stale": ["nav"],
        "held": [SECOND],
        "outdated": [FIRST],  # it was made of deliveries that are not here
        "no_receipt": [FIRST],
        "not_deleted": [FIRST],
    }
    with psycopg.connect(warehouse) as connection:
        connection.execute("update marts.delivery_ages set is_stale = false")
    assert "stale" not in stands()
    assert "missing" not in stands(date(2026, 5, 15)), "there is time yet"
    assert stands(date(2026, 9, 20))["missing"] == ["arbeidstilsynet", "brreg", "nav", "politiet", "skatteetaten"]  # fmt: skip

    with psycopg.connect(warehouse) as connection:
        connection.execute(
            "insert into meta.delivery_files select delivery_id, manifest_sha256, 'saker', 'saker.csv', 200, 190, 10, 'x'"
            " from meta.deliveries where delivery_id = 'nav-2130-T1-01'"
        )
        connection.execute(
            "insert into linkage.drift values (%(of)s, 'match_weight_since_base', 'all', null, null, 0.7, ''),"
            " (%(of)s, 'match_weight_since_base', 'nav', null, null, 0.1, ''), (%(of)s, 'another', 'all', null, null, 0.2, '')",
            {"of": FIRST},
        )
    assert {(gauge.name, gauge.value, *gauge.of.values()) for gauge in measure(date(2026, 1, 31))} == {
        ("akrim.release.age_days", 30),
        ("akrim.release.age_days", 30, "oslo"),
        ("akrim.releases.held", 1),
        ("akrim.deliveries.set_aside_share", 0.05, "nav"),
        ("akrim.links.drift", 0.7),
        ("akrim.deliveries.age_days", 395, "nav"),
    }

    assert "undecided" not in found
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.releases set reserved_at = now() - interval '26 hours'")
        connection.execute("update meta.release_holds set held_at = now() - interval '25 hours'")
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))
    assert stands()["undecided"] == [SECOND], "one more run with the same inputs is no decision"
    assert "unpublished" not in stands(), "it waits for somebody"
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from meta.release_holds")  # as where it is pinned with other inputs
    assert stands()["unpublished"] == [SECOND], "as where `publish` was paused"
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))
    assert "undecided" not in stands(), "other inputs wait anew"

    approve(SECOND, "Kari Vakt", "Nav er varslet")
    with psycopg.connect(warehouse) as connection:
        connection.execute(DELIVERY, ["nav-2026-T1-03", "2026-T1", "accepted", None, 4])
    assert not {"held", "undecided", "refused", "unpublished"} & stands().keys()
    with psycopg.connect(warehouse) as connection:
        connection.execute("update meta.release_approvals set approved_at = now() - interval '25 hours'")
    assert stands()["unpublished"] == [SECOND], "it was let go and is not out"
    holding.hold(SECOND, "Ola Vakt", "Bergen har spurt om noe")
    assert stands()["held"] == [SECOND], "held since it was let go"
    assert ("akrim.releases.held", 1) in {(gauge.name, gauge.value) for gauge in measure(date(2026, 1, 31))}


def test_an_extract_that_is_too_old_is_told_of_where_its_agency_has_newer_facts(warehouse: str) -> None:
    """Rules that need it are not checked; where all of the agency's facts are too old, that is told once."""
    with psycopg.connect(warehouse) as connection:
        marts = Marts(connection)
        marts.pin(FIRST, saker=extract("unchanged", 5, 5, as_of="2025-01-01"))
        marts.run(
            "update marts.delivery_ages set is_stale = false, stale_extracts = '{saker}', newest_fact_date = '2026-04-30'"
        )
    assert _stale() == [{"agency": "nav.saker", "as_of": "2025-01-01"}]
    with psycopg.connect(warehouse) as connection:
        connection.execute("update marts.delivery_ages set is_stale = true")
    assert _stale() == [{"agency": "nav", "as_of": "2026-04-30"}]


def _stale() -> list[dict[str, str]]:
    return [alert.values for alert in current_conditions(TODAY) if alert.kind == "stale"]


def refusals() -> list[Alert]:
    return [alert for alert in current_conditions(TODAY) if alert.kind == "refused"]


def test_a_refused_delivery_is_settled_by_what_its_own_agency_delivered_later(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for number, status, minute in ((1, "accepted", 0), (2, "refused", 1), (3, "accepted", 2)):
            reason = "columns" if status == "refused" else None
            connection.execute(
                DELIVERY.encode(), [f"nav-2026-T1-0{number}", "2026-T1", status, reason, minute]
            )
        connection.execute("update meta.deliveries set agency = 'politiet' where delivery_id like '%03'")
        (first,) = refusals()
        assert first.values["delivery_id"] == "nav-2026-T1-02"
        assert refusals() == [first]
        connection.execute(
            "update meta.deliveries set manifest_sha256 = repeat('2', 64) where status = 'refused'"
        )
        assert refusals()[0].key != first.key, "another one under the same id, refused for the same reason"
        connection.execute("update meta.deliveries set agency = 'nav'")
        assert refusals() == []


def test_a_refused_form_is_settled_by_no_other_centres(warehouse: str) -> None:
    """They come under one agency's name; the alert names the centre, whom to call."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        for minute, (name, centre_id, status) in enumerate(
            [("a.xlsx", "trondheim", "refused"), ("b.xlsx", "oslo", "accepted"), ("c.xlsx", "trondheim", "accepted")]
        ):  # fmt: skip
            if minute == 2:
                (refused,) = refusals()
                assert (refused.values["delivery_id"], refused.values["agency"]) == ("a.xlsx", "trondheim")
                assert "the agency’s" not in refused.advice("en"), "a form has no receipt of an agency's"
            reason = "unreadable_file" if status == "refused" else None
            connection.execute(DELIVERY.encode(), [name, "2026-T1", status, reason, minute])
            connection.execute(
                "update meta.deliveries set agency = 'sentrene', form = jsonb_build_object('centre_id', %s::text)"
                " where delivery_id = %s",
                [centre_id, name],
            )
        assert refusals() == []


def test_a_refused_form_of_nobody_knows_whom_is_told_of_until_it_is_taken_away_or_replaced(
    warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose it is nothing says, so that its centre is answered nothing, and another centre's form settles nothing of it."""
    form = tmp_path / "inbox" / "sentrene" / "svar.xlsx"
    form.parent.mkdir(parents=True)
    form.write_text("no workbook")
    configure(monkeypatch, AKRIM_INBOX=str(tmp_path / "inbox"))
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["svar.xlsx", "", "refused", "unreadable_file", 0])
        connection.execute(DELIVERY.encode(), ["of-oslo", "2026-T1", "accepted", None, 1])
        connection.execute(
            "update meta.deliveries set agency = 'sentrene', folder = 'sentrene/' || delivery_id,"
            " form = case when status = 'accepted' then jsonb_build_object('centre_id', 'oslo') end"
        )
        assert [alert.values["delivery_id"] for alert in refusals()] == ["svar.xlsx"]
        form.unlink()
        assert refusals() == []
        form.write_text("another")
        assert refusals() != []
        connection.execute(
            "update meta.deliveries set folder = 'sentrene/svar.xlsx' where status = 'accepted'"
        )
        assert refusals() == [], "saved as it is to be, under the same name"


def test_what_came_for_a_period_to_come_and_was_withdrawn_waits_for_nobody(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2026-T2-01", "2026-T2", "accepted", None, 0])
        assert stands(date(2026, 8, 31))["early"] == ["nav-2026-T2-01"], "the period ends with that day"
        assert "early" not in stands(date(2026, 9, 1))
        connection.execute(
            "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2026-T2-01', 'kari', 'wrong')"
        )
        assert "early" not in stands(date(2026, 8, 31))


def test_whoever_never_came_is_told_of_in_the_past_tense(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERY.encode(), ["nav-2026-T1-01", "2026-T1", "accepted", None, 0])
    assert "brreg" in stands(date(2026, 5, 30))["missing"]
    assert "missing" not in stands(date(2026, 5, 31))
    assert "brreg" in stands(date(2026, 5, 31))["never_came"]
