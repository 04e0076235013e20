"""A release that exceeds a limit is put on hold until approved; a usual one never is."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim import ledger
from akrim import warehouse as warehouse_module
from akrim.cli import app
from akrim.errors import UserError
from akrim.ledger.listing import history, list_releases
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.releases import ReleaseOnHold, plausibility
from akrim.settings import get_settings
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from tests.releases.world import add, create_marts

FIRST, SECOND = "2025-T3.1", "2026-T1.1"


def standing(state: str, rows: int, usual: int | None, **more: Any) -> dict[str, Any]:
    """What pins hold of an extract."""
    known = {
        "delivery_id": "nav-2026-T1-01",
        "state": state,
        "as_of": "2026-04-30",
        "rows": rows,
        "rows_usual": usual,
    }
    return known | {"is_confirmed": False} | more


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
        connection.commit()

    def lists(self, release_id: str, centre_id: str, count: int) -> None:
        self.connection.execute(
            "insert into marts.assessments (release_id, centre_id, person_id) select %s, %s, 'p' || n from generate_series(1, %s) as n",
            [release_id, centre_id, count],
        )
        self.connection.commit()

    def pin(self, release_id: str, **extracts: dict[str, Any]) -> None:
        """Pin what reception has found of these extracts of Nav's beside persons, of whom there is one as before."""
        known = {"personer": standing("changed", 1, 1)} | extracts
        pins = {
            "deliveries": {"nav": [{"delivery_id": "nav-2026-T1-01", "manifest_sha256": "0"}]},
            "extracts": {"nav": known},
        }
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
        plausibility.check_limits(ledger.load(SECOND))
    for told in (
        "nav: the extract saker is empty, 1,200 rows before.",
        "nav: uttrekket saker er tomt, 1,200 rader før.",
    ):
        assert told in str(held.value)
        assert told in [row[name] for row in history(SECOND)["holds"] for name in ("reason", "reason_nb")]
    for way in (
        f"akrim releases approve {SECOND} --by",
        "akrim deliveries confirm nav-2026-T1-01 saker --by",
    ):
        assert way in str(held.value)


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
    marts.run(
        "insert into marts.release_changes (release_id, centre_id, person_id, change, cause, detail)"
        " select %s, 'oslo', 'p' || n, 'left', 'source', '{\"main_cause\": \"source\"}' from generate_series(1, 7) as n", SECOND,
    )  # fmt: skip
    shown = CliRunner().invoke(app, ["releases", "show", SECOND]).output
    for told in (
        "status: held",
        "too many are gone",
        "  oslo: 7 left, by source",
        f"akrim link quality --release {SECOND}",
    ):
        assert told in shown
    assert {row["release_id"]: (row["status"], row["is_held"]) for row in list_releases()} == {
        FIRST: ("published", False), SECOND: ("building", True),
    }  # fmt: skip

    plausibility.approve(SECOND, "Kari Vakt", "Oslo ryddet i listen.")
    plausibility.check_limits(pins)

    marts.run("update meta.releases set fingerprint = 'of other inputs' where release_id = %s", SECOND)
    with pytest.raises(ReleaseOnHold):
        plausibility.check_limits(ledger.load(SECOND))


def test_a_person_holds_a_release_that_no_limit_holds(marts: Marts) -> None:
    """Whatever its inputs become and whoever let it go before; until somebody lets it go after."""
    pins = ledger.load(SECOND)
    plausibility.check_limits(pins)
    done = CliRunner().invoke(
        app, ["releases", "hold", SECOND, "--by", "Kari Vakt", "--reason", "Linked otherwise"]
    )
    assert (done.exit_code, f"{SECOND} is held" in done.output) == (0, True)
    for _ in range(2):
        with pytest.raises(ReleaseOnHold, match="Kari Vakt holds it: Linked otherwise"):
            plausibility.check_limits(pins)
    assert [row["release_id"] for row in list_releases() if row["is_held"]] == [SECOND]
    plausibility.approve(SECOND, "Per Drift", "Relinked")
    plausibility.check_limits(pins)
    plausibility.hold(SECOND, "Kari Vakt", "Once more")
    with pytest.raises(ReleaseOnHold, match="Once more"), warehouse_module.connect() as connection:
        plausibility.check_not_held(connection, pins)
    plausibility.approve(SECOND, "Per Drift", "Right now")
    plausibility.check_limits(pins)
    assert [act["reason"] for act in (history(SECOND) or {})["approvals"]] == ["Relinked", "Right now"]


def test_only_a_release_that_could_go_out_can_be_held(marts: Marts) -> None:
    with pytest.raises(UserError, match=f"{FIRST} is out already"):
        plausibility.hold(FIRST, "Kari Vakt", "Too late")
    marts.run("update meta.releases set status = 'failed' where release_id = %s", SECOND)
    with pytest.raises(UserError, match="none that could go out"):
        plausibility.hold(SECOND, "Kari Vakt", "It failed")
    with pytest.raises(UserError, match="There is no release"):
        plausibility.hold("2031-T1.1", "Kari Vakt", "No such")


def test_where_every_release_waits_another_than_who_asked_for_it_lets_it_go(
    marts: Marts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name given and by the account, however it is written; who asked for it on other inputs may."""
    ledger.record_request(SECOND, "Per Drift")
    marts.run("update meta.releases set fingerprint = 'g' where release_id = %s", SECOND)
    for name in ("kari", "kari", "Ola Vakt"):
        ledger.record_request(SECOND, name)
    plausibility.check_limits(ledger.load(SECOND))
    monkeypatch.setenv("AKRIM_APPROVAL", "always")
    get_settings.cache_clear()
    with pytest.raises(ReleaseOnHold, match="every release waits until somebody lets it go"):
        plausibility.check_limits(ledger.load(SECOND))
    for by, account in (("Kari Vakt", "kari"), (" OLA vakt", "drift")):
        with pytest.raises(UserError, match=r"asked for the run that made 2026-T1\.1"):
            plausibility.approve(SECOND, by, "Lest", account)
    plausibility.approve(SECOND, "Per Drift", "Lest", "per")
    plausibility.check_limits(ledger.load(SECOND))
    known = history(SECOND) or {}
    assert [row["by_name"] for row in known["requests"]] == ["kari", "Ola Vakt"]
    assert [row["by_name"] for row in known["approvals"]] == ["Per Drift"]


@pytest.mark.parametrize(("mode", "is_refused"), [("synthetic", False), ("production", True)])
def test_with_real_data_nobody_lets_go_what_they_asked_for(
    mode: str, is_refused: bool, marts: Marts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKRIM_DATA_MODE", mode)
    get_settings.cache_clear()
    ledger.record_request(SECOND, "kari")
    assert plausibility.own_requests(SECOND, "kari") == (["kari"] if is_refused else [])


def test_only_a_release_on_hold_can_be_approved(marts: Marts) -> None:
    with pytest.raises(UserError, match="not on hold"):
        plausibility.approve(SECOND, "Kari Vakt", "-")


def test_own_limits_override_the_default_ones(
    marts: Marts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = "actors: {fewest_share: 0.9, most_share: 2.0, smallest_list: 40}\n"
    (tmp_path / "limits.yml").write_text(own)
    monkeypatch.setenv("AKRIM_LIMITS", str(tmp_path / "limits.yml"))
    get_settings.cache_clear()
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
        connection.execute(
            "insert into linkage.runs (release_id, model, counts) values (%s, 'm', '{}')", [held.release_id]
        )
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

        connection.execute(
            "insert into linkage.runs (release_id, model, counts) values (%s, 'm', '{}')", [held.release_id]
        )
        connection.execute("update meta.releases set is_explained = true")
        connection.execute(DELIVERED, ["nav-2026-T1-02"])
        assert not pinning.pin(held.period).is_explained
