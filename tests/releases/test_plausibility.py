"""What moves a release beyond a limit, and what does not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim import ledger
from akrim.errors import UserError
from akrim.ledger.listing import history, list_releases
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.releases import ReleaseOnHold, holding, plausibility
from akrim.releases.plausibility import Reason
from akrim.texts import Language
from psycopg.types.json import Jsonb

from tests.conftest import configure
from tests.ledger.entering import enter_release, enter_run
from tests.releases.compared_marts import FIRST, SECOND, Marts, standing
from tests.releases.tables import add


@pytest.mark.parametrize(
    ("known", "limit"),
    [
        (standing("empty", 0, 5), "extract_empty"), (standing("empty", 0, None), None), (standing("empty", 0, 0), None),
        (standing("shrunken", 499, 1000), "extract_shrunk"), (standing("swollen", 2001, 1000), "extract_swollen"),
        (standing("unchanged", 5, 5), None), (standing("changed", 2, 5), None), (standing("first", 5, None), None),
        (standing("empty", 0, 5, is_confirmed=True), None), (standing("shrunken", 1, 900, is_confirmed=True), None),
    ],
)  # fmt: skip
def test_an_extract_that_came_empty_shrunken_or_swollen(
    known: dict[str, Any], limit: str | None, marts: Marts
) -> None:
    marts.pin(SECOND, saker=known)
    assert set(marts.reasons()) == ({limit} if limit else set())


def test_an_empty_extract_is_named_with_its_earlier_rows_and_both_ways_out(marts: Marts) -> None:
    marts.pin(SECOND, saker=standing("empty", 0, 1200))
    with pytest.raises(ReleaseOnHold) as held:
        holding.check_limits(ledger.load(SECOND))
    for told in (
        "nav: the extract saker is empty, 1,200 rows before.",
        "nav: uttrekket saker er tomt, 1\u00a0200 rader før.",
    ):
        assert told in str(held.value)
        assert told in [row[name] for row in history(SECOND)["holds"] for name in ("reason", "reason_nb")]
    for way in (
        f"akrim releases approve {SECOND} --by",
        "akrim deliveries confirm nav-2026-T1-01 saker --by",
    ):
        assert way in str(held.value)


@pytest.mark.parametrize(
    ("reason", "language", "told"),
    [
        (
            Reason("records_per_person", {"now": 1.0549, "before": 1.5}), "en",
            "linkage: 1.055 records for each person, 1.5 before.",
        ),
        (
            Reason("records_per_person", {"now": 1.0549, "before": 1.5}), "nb",
            "kobling: 1,055 poster per person, 1,5 før.",
        ),
        (
            Reason("quarantine_share", {"agency": "nav", "aside": 90, "declared": 1200, "percent": 100 * 0.07}), "nn",
            "nav: 90 av 1\u00a0200 leverte rader blei sette til side, meir enn 7 %.",
        ),
        (
            Reason("linkage_drift", {"now": Decimal("0.31000"), "bound": 0.125}), "nb",
            "kobling: vektene til riktige par er fordelt annerledes enn i utgaven før, 0,31 mot 0,125.",
        ),
    ],
    ids=["point", "comma", "whole", "decimal"],
)  # fmt: skip
def test_its_numbers_are_written_as_its_language_does(reason: Reason, language: Language, told: str) -> None:
    assert reason.told(language) == told


def test_a_new_agency_without_rows_puts_the_release_on_hold(marts: Marts) -> None:
    nothing = standing("empty", 0, None)
    marts.pin(FIRST, saker=nothing)
    assert marts.reasons() == {}, "an extract that never had any has lost nothing"
    marts.pin(FIRST, personer=nothing, saker=nothing)
    assert [
        (reason.limit, reason.told("en")) for reason in plausibility.exceeded_limits(ledger.load(FIRST))
    ] == [
        ("agency_empty", f"nav: the extract {name} is empty, as is all that the agency has delivered.")
        for name in ("personer", "saker")
    ]


def test_what_came_out_just_so_holds_no_later_release(marts: Marts) -> None:
    """Whoever let the release out knew; the same again in a new delivery is another matter."""
    for release_id in (FIRST, SECOND):
        marts.pin(release_id, saker=standing("empty", 0, 5))
    assert marts.reasons() == {}
    marts.pin(SECOND, saker=standing("empty", 0, 5, delivery_id="nav-2026-T1-02"))
    assert set(marts.reasons()) == {"extract_empty"}


def test_what_the_matrix_keeps_out_is_gone_on_purpose(marts: Marts) -> None:
    marts.pin(SECOND, saker=standing("empty", 0, 5))
    marts.run(
        "update meta.releases set pins = pins || %s where release_id = %s",
        Jsonb({"withheld": {"assessment": {"nav.benefit": "nothing"}}}), SECOND,
    )  # fmt: skip
    assert marts.reasons() == {}


def test_a_recalled_release_is_not_compared_with(marts: Marts) -> None:
    """A release with an empty extract was approved and recalled: the next one is put on hold too."""
    marts.pin(SECOND, saker=standing("empty", 0, 1000))
    marts.run(
        "update meta.releases set status = 'recalled', published_at = now() where release_id = %s", SECOND
    )
    marts.run(
        "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, base_release_id, pins)"
        " select '2026-T1.2', period, 2, as_of, 'building', 'g', release_id, pins from meta.releases where release_id = %s",
        SECOND,
    )
    assert "extract_empty" in {
        reason.limit for reason in plausibility.exceeded_limits(ledger.load("2026-T1.2"))
    }


@pytest.mark.parametrize(
    ("before", "now", "limit"),
    [
        (100, 100, None), (100, 50, None), (100, 49, "actors_fewer"), (100, 200, None), (100, 201, "actors_more"),
        (100, 0, "actors_fewer"), (40, 1, "actors_fewer"), (39, 1, None), (0, 50, None),
    ],
)  # fmt: skip
def test_half_or_twice_as_many_actors(before: int, now: int, limit: str | None, marts: Marts) -> None:
    marts.lists(FIRST, "oslo", before)
    marts.lists(SECOND, "oslo", now)
    assert set(marts.reasons()) == ({limit} if limit else set())


def test_one_centres_list_is_judged_by_itself(marts: Marts) -> None:
    for centre, before, now in (("oslo", 400, 400), ("alta", 60, 10)):
        marts.lists(FIRST, centre, before)
        marts.lists(SECOND, centre, now)
    assert marts.reasons() == {"actors_fewer": "alta: 10 actors, 60 before; too many are gone."}


@pytest.mark.parametrize(
    ("before", "days", "is_held"),
    [(0, 123, False), (0, 200, False), (0, 243, True), (200, 323, True), (201, 324, False)],
)
def test_an_agency_that_has_become_too_old(before: int, days: int, is_held: bool, marts: Marts) -> None:
    for release_id, age in ((FIRST, before), (SECOND, days)):
        marts.run("update marts.delivery_ages set days_old = %s where release_id = %s", age, release_id)
    assert ("agency_age" in marts.reasons()) is is_held


def test_centres_that_decide_nothing_for_a_tertial_hold_no_release(marts: Marts) -> None:
    marts.run(
        "update marts.delivery_ages set agency = 'sentrene', days_old = case release_id when %s then 0 else 242 end",
        FIRST,
    )
    assert marts.reasons() == {}


def test_an_agency_that_was_too_old_before_causes_no_hold(marts: Marts) -> None:
    marts.run("update marts.delivery_ages set days_old = 300")
    assert marts.reasons() == {}


@pytest.mark.parametrize(
    ("reason", "rows", "is_held"),
    [
        ("bad_date", 100, True),
        ("bad_date", 99, False),
        ("bad_date", 60, False),
        ("forbidden_role", 900, False),
    ],
)
def test_too_many_quarantined_rows(reason: str, rows: int, is_held: bool, marts: Marts) -> None:
    """Of what is used: not of the same delivery as it was refused at first, and once a release is out with them not again."""
    for manifest, status, why in (("0", "accepted", None), ("1", "refused", "columns")):
        marts.run(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, status, reason, folder, folder_fingerprint)"
            " values ('nav-2026-T1-01', %s, 'nav', %s, %s, '', '')", manifest, status, why,
        )  # fmt: skip
        marts.run(
            "insert into meta.delivery_files (delivery_id, manifest_sha256, extract, file_name, rows_declared)"
            " values ('nav-2026-T1-01', %s, 'saker', 'saker.csv', 3000)", manifest,
        )  # fmt: skip
    marts.run(
        "insert into quarantine.rows select 'nav-2026-T1-01', '0', 'saker', n, 'x', %s from generate_series(1, %s) as n",
        reason, rows,
    )  # fmt: skip
    assert ("quarantine_share" in marts.reasons()) is is_held
    marts.pin(FIRST)
    assert "quarantine_share" not in marts.reasons()


@pytest.mark.parametrize(("now", "is_held"), [(3, False), (4, True), (2, True)])
def test_linkage_that_joins_more_or_fewer_records(now: int, is_held: bool, marts: Marts) -> None:
    marts.run("update marts.persons set record_count = %s where release_id = %s", now, SECOND)
    assert ("records_per_person" in marts.reasons()) is is_held


@pytest.mark.parametrize(("now", "is_held"), [(0.3, True), (0.2, False), (None, False)])
def test_linkage_that_drifts(now: float | None, is_held: bool, marts: Marts) -> None:
    """Compared with the release before; drift from the model's training causes no hold."""
    for measure, item, drift in (
        ("match_weight", "all", 1.2),
        ("match_weight_since_base", "all", now),
        ("match_weight_since_base", "nav", 9),
    ):
        marts.run(
            "insert into linkage.drift values (%s, %s, %s, null, null, %s, '')", SECOND, measure, item, drift
        )
    assert ("linkage_drift" in marts.reasons()) is is_held


def test_a_first_release_is_never_on_hold_for_a_change(marts: Marts) -> None:
    marts.lists(FIRST, "oslo", 1000)
    holding.check_limits(ledger.load(FIRST))
    assert [row["is_held"] for row in list_releases()] == [False, False]


@pytest.mark.parametrize(
    ("listed", "days", "records", "drift", "limits"),
    [
        (100, 243, 3, 0.1, set()),
        (40, 0, 3, None, {"actors_fewer"}),
        (100, 0, 4, 0.1, {"records_per_person"}),
        (100, 243, 3, 9, {"linkage_drift"}),
    ],
)
def test_an_earlier_period_that_is_assessed_again_is_compared_with_itself(
    listed: int, days: int, records: int, drift: float | None, limits: set[str], marts: Marts
) -> None:
    """Not with the newest release, by whose persons it is linked: that one has another tertial's lists, ages and deliveries."""
    again = "2025-T3.2"
    marts.run("update meta.releases set as_of = '2025-12-31' where release_id = %s", FIRST)
    marts.run(
        "update meta.releases set status = 'published', published_at = now() where release_id = %s", SECOND
    )
    enter_release(
        marts.connection, again, "building", {"deliveries": {"nav": [{"delivery_id": "nav-2025-T3-01", "manifest_sha256": "0"}]}},
        base_release_id=SECOND, is_explained=True,
    )  # fmt: skip
    for release_id, count in ((FIRST, 100), (SECOND, 400), (again, listed)):
        marts.lists(release_id, "oslo", count)
    marts.run("update marts.delivery_ages set days_old = 243 where release_id = %s", FIRST)
    marts.run("update marts.persons set record_count = 9 where release_id = %s", SECOND)
    marts.persons(again, records)
    add(marts.connection, "delivery_ages", release_id=again, agency="nav", days_old=days)
    marts.run("insert into linkage.runs (release_id, model, counts) values (%s, 'm', '{}')", again)
    marts.run(
        "insert into linkage.drift values (%s, 'match_weight_since_base', 'all', null, null, %s, '')", again, drift
    )  # fmt: skip
    assert {reason.limit for reason in plausibility.exceeded_limits(ledger.load(again))} == limits


def test_own_limits_override_the_default_ones(
    marts: Marts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "actors: {fewest_share: 0.9, most_share: 2.0, smallest_list: 40}\n"
    (tmp_path / "limits.yml").write_text(own)
    configure(monkeypatch, AKRIM_LIMITS=str(tmp_path / "limits.yml"))
    marts.lists(FIRST, "oslo", 100)
    marts.lists(SECOND, "oslo", 80)
    assert set(marts.reasons()) == {"actors_fewer"}


DELIVERED = """
insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint)
values (%s, '0', 'nav', '2026-T1', 'full', 'accepted', '2026-05-03', 'nav', '')
"""


def test_a_release_on_hold_stays_until_its_inputs_change(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(DELIVERED, ["nav-2026-T1-01"])
        held = pinning.pin(Period.parse("2026-T1"))
        assert (held.release_id, held.is_explained) == ("2026-T1.1", False)
        connection.execute("update meta.releases set is_explained = true")
        assert not pinning.pin(held.period).is_explained, (
            "one that was killed before it was judged is done again"
        )

        connection.execute("update meta.releases set is_explained = true")
        connection.execute(
            "insert into meta.release_holds (release_id, limit_code, reason) values (%s, 'actors_fewer', '')",
            [held.release_id],
        )
        enter_run(connection, held.release_id)
        again = pinning.pin(held.period)
        assert (again.release_id, again.fingerprint, again.is_explained) == (
            "2026-T1.1",
            held.fingerprint,
            True,
        )

        connection.execute("delete from linkage.runs")
        assert not pinning.pin(held.period).is_explained, (
            "one whose persons another run undid is linked again"
        )

        enter_run(connection, held.release_id)
        connection.execute("update meta.releases set is_explained = true")
        connection.execute(DELIVERED, ["nav-2026-T1-02"])
        assert not pinning.pin(held.period).is_explained

    with pytest.raises(UserError, match=r"2026-T1\.1 is not on hold"):
        holding.approve(held.release_id, "Kari Vakt", "Read what the earlier inputs gave")
    holding.hold(held.release_id, "Kari Vakt", "Wait for Nav")
    with pytest.raises(UserError, match=r"2026-T1\.1 is being made"):
        holding.approve(held.release_id, "Per Drift", "Before its limits are checked")
