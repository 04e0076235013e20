"""A release that exceeds a limit is put on hold until approved; a usual one never is."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim import ledger
from akrim.contracts import load_contracts
from akrim.deliveries.landing import add_partition
from akrim.errors import UserError
from akrim.ledger.listing import history, list_releases
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.releases import ReleaseOnHold, plausibility
from psycopg import sql
from psycopg.types.json import Jsonb

from tests.releases.world import add, create_marts

FIRST, SECOND = "2025-T3.1", "2026-T1.1"


class Marts:
    """The marts that limits use, for the previous release and the present one."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        create_marts(connection, "assessments", "persons", "delivery_ages")
        for release_id, base in ((FIRST, None), (SECOND, FIRST)):
            period, _, revision = release_id.partition(".")
            delivery = {"delivery_id": f"nav-{period}-01", "manifest_sha256": "0"}
            connection.execute(
                "insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, base_release_id, pins,"
                " published_at) values (%s, %s, %s, '2026-01-01', %s, 'f', %s, %s, case when %s then now() end)",
                [release_id, period, int(revision), "published" if base is None else "building", base,
                 Jsonb({"deliveries": {"nav": [delivery]}}), base is None],
            )  # fmt: skip
            add(connection, "delivery_ages", release_id=release_id, agency="nav", days_old=0)
            self.persons(release_id, 3)
            self.land(delivery["delivery_id"], "personer", 1)
        connection.commit()

    def lists(self, release_id: str, centre_id: str, count: int) -> None:
        self.connection.execute(
            "insert into marts.assessments (release_id, centre_id, person_id) select %s, %s, 'p' || n from generate_series(1, %s) as n",
            [release_id, centre_id, count],
        )
        self.connection.commit()

    def land(self, delivery_id: str, extract: str, count: int) -> None:
        """Rows of an extract of Nav's with the keys 1, 2, 3 …; benefit cases are all of the first person."""
        found = load_contracts()["nav"].extract(extract)
        self.connection.execute(
            sql.SQL(
                "insert into {} (delivery_id, row_number, is_removed, {}, nav_id) select {}, n, false, n, 1 from generate_series(1, %s) n"
                if extract != "personer"
                else "insert into {} (delivery_id, row_number, is_removed, {}) select {}, n, false, n from generate_series(1, %s) n"
            ).format(
                add_partition(self.connection, found, delivery_id),
                sql.Identifier(found.key.name),
                sql.Literal(delivery_id),
            ),
            [count],
        )
        self.connection.commit()

    def pin(self, release_id: str, *deliveries: str) -> None:
        pins = {"deliveries": {"nav": [{"delivery_id": name, "manifest_sha256": "0"} for name in deliveries]}}
        self.run("update meta.releases set pins = %s where release_id = %s", Jsonb(pins), release_id)

    def persons(self, release_id: str, records: int) -> None:
        add(self.connection, "persons", release_id=release_id, person_id="p1", record_count=records)

    def run(self, query: str, *values: Any) -> None:
        self.connection.execute(query, values)
        self.connection.commit()

    def reasons(self) -> dict[str, str]:
        return {
            reason.limit: reason.told("en") for reason in plausibility.exceeded_limits(ledger.load(SECOND))
        }


@pytest.fixture
def marts(warehouse: str) -> Any:
    with psycopg.connect(warehouse) as connection:
        yield Marts(connection)


@pytest.mark.parametrize(
    ("before", "now", "limit"),
    [
        (1000, 0, "extract_empty"), (5, 0, "extract_empty"), (0, 0, None), (0, 500, None), (300, 900, None),
        (1000, 499, "extract_shrunk"), (1000, 500, None), (200, 99, "extract_shrunk"), (190, 90, None), (5, 2, None),
    ],
)  # fmt: skip
def test_an_extract_that_comes_empty_or_shrunk(
    before: int, now: int, limit: str | None, marts: Marts
) -> None:
    marts.land("nav-2025-T3-01", "saker", before)
    marts.land("nav-2026-T1-01", "saker", now)
    assert set(marts.reasons()) == ({limit} if limit else set())


def test_an_empty_extract_is_named_with_its_earlier_rows_in_both_languages(marts: Marts) -> None:
    marts.land("nav-2025-T3-01", "saker", 1200)
    with pytest.raises(ReleaseOnHold) as held:
        plausibility.check_limits(ledger.load(SECOND))
    for told in (
        "nav: the extract saker is empty, 1,200 rows before.",
        "nav: uttrekket saker er tomt, 1,200 rader før.",
    ):
        assert told in str(held.value)
        assert told in [row[name] for row in history(SECOND)["holds"] for name in ("reason", "reason_nb")]


def test_a_delta_is_judged_by_the_state_after_it(marts: Marts) -> None:
    marts.land("nav-2025-T3-01", "saker", 1000)
    marts.land("nav-2026-T1-02", "saker", 2)
    marts.pin(SECOND, "nav-2025-T3-01", "nav-2026-T1-02")
    assert marts.reasons() == {}

    marts.land("nav-2026-T1-03", "saker", 1000)
    marts.run("update landing.nav_saker set is_removed = true where delivery_id = 'nav-2026-T1-03'")
    marts.pin(SECOND, "nav-2025-T3-01", "nav-2026-T1-02", "nav-2026-T1-03")
    assert marts.reasons() == {"extract_empty": "nav: the extract saker is empty, 1,000 rows before."}


def test_children_that_go_with_their_parents_are_gone(marts: Marts) -> None:
    """A delta that removes every person leaves no cases either, though no case was delivered."""
    marts.land("nav-2025-T3-01", "saker", 1000)
    marts.land("nav-2026-T1-02", "personer", 1)
    marts.run("update landing.nav_personer set is_removed = true where delivery_id = 'nav-2026-T1-02'")
    marts.pin(SECOND, "nav-2025-T3-01", "nav-2026-T1-02")
    told = [reason.told("en") for reason in plausibility.exceeded_limits(ledger.load(SECOND))]
    assert told == [
        "nav: the extract personer is empty, 1 rows before.",
        "nav: the extract saker is empty, 1,000 rows before.",
    ]


def test_a_new_agency_without_rows_puts_the_release_on_hold(marts: Marts) -> None:
    first = ledger.load(FIRST)
    assert plausibility.exceeded_limits(first) == [], "an extract that has not come yet has lost nothing"
    marts.run("delete from landing.nav_personer where delivery_id = 'nav-2025-T3-01'")
    assert [(reason.limit, reason.told("en")) for reason in plausibility.exceeded_limits(first)] == [
        ("agency_empty", f"nav: the extract {name} is empty, as is all that the agency has delivered.")
        for name in ("personer", "saker", "lonnsgaranti")
    ]


def test_before_any_release_earlier_deliveries_are_compared(marts: Marts) -> None:
    for name, supersedes in (("nav-2025-T3-01", None), ("nav-2025-T3-02", "nav-2025-T3-01")):
        marts.run(
            "insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, supersedes, status, delivered_at,"
            " folder, folder_fingerprint) values (%s, '0', 'nav', '2025-T3', 'full', %s, 'accepted', '2026-01-03', '', '')",
            name, supersedes,
        )  # fmt: skip
    marts.pin(FIRST, "nav-2025-T3-02")
    assert [reason.told("en") for reason in plausibility.exceeded_limits(ledger.load(FIRST))] == [
        "nav: the extract personer is empty, 1 rows before."
    ]


def test_a_recalled_release_is_not_compared_with(marts: Marts) -> None:
    """A release with an empty extract was approved and recalled: the next one is put on hold too."""
    marts.land("nav-2025-T3-01", "saker", 1000)
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
        (100, 0, "actors_fewer"), (39, 1, None), (0, 50, None),
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


@pytest.mark.parametrize(("days", "is_held"), [(123, False), (200, False), (243, True)])
def test_an_agency_that_has_become_too_old(days: int, is_held: bool, marts: Marts) -> None:
    marts.run("update marts.delivery_ages set days_old = %s where release_id = %s", days, SECOND)
    assert ("agency_age" in marts.reasons()) is is_held


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
    marts.run(
        "insert into meta.deliveries (delivery_id, manifest_sha256, agency, status, folder, folder_fingerprint)"
        " values ('nav-2026-T1-01', '0', 'nav', 'accepted', '', '')"
    )
    marts.run(
        "insert into meta.delivery_files (delivery_id, manifest_sha256, extract, file_name, rows_declared)"
        " values ('nav-2026-T1-01', '0', 'saker', 'saker.csv', 3000)"
    )
    marts.run(
        "insert into quarantine.rows select 'nav-2026-T1-01', '0', 'saker', n, 'x', %s from generate_series(1, %s) as n",
        reason, rows,
    )  # fmt: skip
    assert ("quarantine_share" in marts.reasons()) is is_held


@pytest.mark.parametrize(("now", "is_held"), [(3, False), (4, True), (2, True)])
def test_linkage_that_joins_more_or_fewer_records(now: int, is_held: bool, marts: Marts) -> None:
    marts.run("update marts.persons set record_count = %s where release_id = %s", now, SECOND)
    assert ("records_per_person" in marts.reasons()) is is_held


@pytest.mark.parametrize(("now", "is_held"), [(0.3, True), (0.2, False), (None, False)])
def test_linkage_that_drifts(now: float | None, is_held: bool, marts: Marts) -> None:
    """Compared with the release before; drift from the model's training causes no hold."""
    for measure, drift in (("match_weight", 1.2), ("match_weight_since_base", now)):
        marts.run(
            "insert into linkage.drift values (%s, %s, 'all', null, null, %s, '')", SECOND, measure, drift
        )
    assert ("linkage_drift" in marts.reasons()) is is_held


def test_a_first_release_is_never_on_hold_for_a_change(marts: Marts) -> None:
    marts.lists(FIRST, "oslo", 1000)
    plausibility.check_limits(ledger.load(FIRST))
    assert [row["is_held"] for row in list_releases()] == [False, False]


def test_a_release_on_hold_waits_for_approval(marts: Marts) -> None:
    marts.lists(FIRST, "oslo", 100)
    pins = ledger.load(SECOND)
    with pytest.raises(ReleaseOnHold, match="too many are gone") as held:
        plausibility.check_limits(pins)
    assert f"akrim releases approve {SECOND}" in str(held.value)
    assert {row["release_id"]: (row["status"], row["is_held"]) for row in list_releases()} == {
        FIRST: ("published", False), SECOND: ("building", True),
    }  # fmt: skip

    plausibility.approve(SECOND, "Kari Vakt", "Oslo ryddet i listen.")
    plausibility.check_limits(pins)

    marts.run("update meta.releases set fingerprint = 'of other inputs' where release_id = %s", SECOND)
    with pytest.raises(ReleaseOnHold):
        plausibility.check_limits(ledger.load(SECOND))


def test_only_a_release_on_hold_can_be_approved(marts: Marts) -> None:
    with pytest.raises(UserError, match="not on hold"):
        plausibility.approve(SECOND, "Kari Vakt", "-")


def test_own_limits_override_the_default_ones(
    marts: Marts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.settings import get_settings

    own = "actors: {fewest_share: 0.9, most_share: 2.0, smallest_list: 40}\n"
    (tmp_path / "limits.yml").write_text(own)
    monkeypatch.setenv("AKRIM_LIMITS", str(tmp_path / "limits.yml"))
    get_settings.cache_clear()
    marts.lists(FIRST, "oslo", 100)
    marts.lists(SECOND, "oslo", 80)
    marts.land("nav-2025-T3-01", "saker", 1)
    assert set(marts.reasons()) == {"actors_fewer", "extract_empty"}


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
        again = pinning.pin(held.period)
        assert (again.release_id, again.fingerprint, again.is_explained) == (
            "2026-T1.1",
            held.fingerprint,
            True,
        )

        connection.execute(DELIVERED, ["nav-2026-T1-02"])
        assert not pinning.pin(held.period).is_explained
