"""A person's cases are erased with her, and one goes by its limit, also from what releases were pinned with; another's only no longer names her record."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from akrim import corrections
from akrim.corrections import Dispute, erase_disputes, forget_case, open_case
from akrim.linkage.review import RecordKey
from akrim.linkage.store import erase_person, linked_person
from akrim.orchestration import pinning
from akrim.orchestration.pinning import link_decisions_digest

from tests.assessment.project import join_records, land
from tests.ledger.entering import enter_release

DELIVERY, RELEASE = "politiet-2025-T3-01", "2025-T3.1"
HERS, HIS, THIRD = (("politiet", "personer", key) for key in ("hers", "his", "third"))
DISPUTED = ("person", date(2026, 5, 12), "Feil person.", "kn")


@pytest.fixture
def disputed(warehouse: str) -> str:
    """She disputes her record, he that hers is his, a third person her own; a release is pinned with all three, and leaves hers out."""
    with psycopg.connect(warehouse) as connection:
        land(
            connection,
            DELIVERY,
            "personer",
            [{"person_lopenr": key, "etternavn": key} for _, _, key in (HERS, HIS, THIRD)],
        )
        join_records(connection, **{"P-HERS": [HERS], "P-HIS": [HIS], "P-THIRD": [THIRD]})
    open_case(Dispute("fact", *HERS), *DISPUTED)
    open_case(Dispute("link", *HIS, other=RecordKey("politiet", "hers")), *DISPUTED)
    open_case(Dispute("link", *THIRD, other=RecordKey("politiet", "his")), *DISPUTED)
    with psycopg.connect(warehouse) as connection:
        cases = corrections.cases(connection)
        enter_release(connection, RELEASE, pins={"corrections": cases})
        pinning.suppress(connection, RELEASE, cases)
    return warehouse


def test_her_cases_go_and_anothers_names_her_record_no_more(disputed: str) -> None:
    with psycopg.connect(disputed) as connection:
        erase_disputes(connection, [HERS], [HERS])
        left = corrections.cases(connection)
        (pinned,) = connection.execute("select pins -> 'corrections' from meta.releases").fetchall()
        suppressed = connection.execute("select count(*) from meta.suppressed_rows").fetchone()
        texts = connection.execute("select c::text from meta.corrections as c").fetchall()
    assert [(case["case_id"], case["source_row_id"], case["kept_apart_from"]) for case in left] == [
        ("K-2026-002", "his", []),
        ("K-2026-003", "third", ["politiet/his"]),
    ]
    # Nor is a release made only because she was erased.
    assert pinned[0] == left
    assert suppressed == (0,)
    assert "hers" not in str(texts)


@pytest.mark.parametrize(("until", "left"), [(timedelta(days=1), 2), (timedelta(days=-1), 3)])
def test_what_was_opened_on_a_key_while_it_was_hers_goes_and_later_cases_are_anothers(
    disputed: str, until: timedelta, left: int
) -> None:
    with psycopg.connect(disputed) as connection:
        erase_disputes(connection, [], [], [(*HERS, [DELIVERY], datetime.now(UTC) + until)])
        assert len(corrections.cases(connection)) == left


@pytest.mark.parametrize(("until", "left"), [(timedelta(days=1), 3), (timedelta(days=-1), 2)])
def test_what_was_opened_on_a_key_while_it_was_anothers_stays(
    disputed: str, until: timedelta, left: int
) -> None:
    with psycopg.connect(disputed) as connection:
        before = [(*HERS, [DELIVERY], datetime.now(UTC) + until)]
        erase_disputes(connection, [HERS], [HERS], of_others=before)
        assert len(corrections.cases(connection)) == left


def test_what_a_clerk_decided_on_her_record_leaves_its_digest_alone(disputed: str) -> None:
    with psycopg.connect(disputed) as connection:
        digest = link_decisions_digest(connection)
        erase_person(connection, linked_person(connection, "P-HERS"))
        verdicts = connection.execute(
            "select source_record_id_l, source_record_id_r, removed_sha256 is null, reason from linkage.link_decisions order by decision_id"
        ).fetchall()
        assert link_decisions_digest(connection) == digest
    assert verdicts == [(None, None, False, None), ("his", "third", True, "K-2026-003: Feil person.")]


def test_a_case_that_is_kept_no_longer_goes_from_what_releases_were_pinned_with(disputed: str) -> None:
    with psycopg.connect(disputed) as connection:
        forget_case(connection, "K-2026-002")
        (pinned,) = connection.execute("select pins -> 'corrections' from meta.releases").fetchall()
        assert pinned[0] == corrections.cases(connection)
