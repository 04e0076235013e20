"""A release that exceeds a limit, or that a person holds, waits until somebody lets it go; a usual one never does."""

from pathlib import Path
from typing import Any

import pytest
from akrim import ledger
from akrim import warehouse as warehouse_module
from akrim.cli import app
from akrim.errors import UserError
from akrim.ledger.listing import history, list_releases
from akrim.releases import ReleaseOnHold, holding, publish
from akrim.sharing.matrix import Matrix
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from tests.conftest import configure
from tests.deliveries.building import person_number
from tests.ledger.entering import enter_release
from tests.releases.compared_marts import FIRST, SECOND, Marts


def test_a_release_on_hold_waits_for_approval(
    marts: Marts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    marts.lists(FIRST, "oslo", 100)
    pins = ledger.load(SECOND)
    with pytest.raises(ReleaseOnHold, match="too many are gone") as held:
        holding.check_limits(pins)
    assert f"akrim releases approve {SECOND}" in str(held.value)
    marts.run(
        "insert into marts.release_changes (release_id, centre_id, change_number, person_id, change, cause, detail)"
        " select %s, 'oslo', n, 'p' || n, 'left', 'source', '{\"main_cause\": \"source\"}' from generate_series(1, 7) as n", SECOND,
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
    (tmp_path / "limits.yml").write_text("actors: {fewest_share: 0}")
    configure(monkeypatch, AKRIM_LIMITS=str(tmp_path / "limits.yml"))
    with pytest.raises(ReleaseOnHold, match="too many are gone"):
        holding.check_limits(pins)

    holding.approve(SECOND, "Kari Vakt", "Oslo ryddet i listen.")
    holding.check_limits(pins)

    ledger.assign_serial(SECOND)  # as where publishing it broke off
    marts.run("update meta.releases set fingerprint = 'of other inputs' where release_id = %s", SECOND)
    with pytest.raises(ReleaseOnHold):
        holding.check_limits(ledger.load(SECOND))


def test_a_release_that_another_run_left_half_made_is_not_held_for_what_it_is_so_far(marts: Marts) -> None:
    """Whoever is told that it waits could not let it go."""
    marts.lists(FIRST, "oslo", 100)
    marts.run("update meta.releases set is_explained = false where release_id = %s", SECOND)
    with pytest.raises(UserError, match="not made to its end"):
        publish(SECOND)
    assert (history(SECOND) or {})["holds"] == []


def require_kept_in(marts: Marts, why: str) -> None:
    """Nobody lets the release go, nor does it go out where nobody has to."""
    with pytest.raises(UserError, match=why):
        holding.approve(SECOND, "Per Drift", "Right")
    assert (history(SECOND) or {})["approvals"] == []
    marts.run("delete from meta.release_holds")
    with pytest.raises(UserError, match=why):
        publish(SECOND)
    assert {row["release_id"]: row["status"] for row in list_releases()} == {
        FIRST: "published",
        SECOND: "building",
    }


def require_let_go() -> None:
    holding.approve(SECOND, "Per Drift", "Right")
    with warehouse_module.connect() as connection:
        holding.check_may_go(connection, ledger.load(SECOND))


def test_what_was_made_from_a_delivery_that_was_withdrawn_since_is_not_let_go(marts: Marts) -> None:
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    marts.run(
        "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2025-T3-01', 'Kari Vakt', 'Feil.')"
    )
    marts.run(
        "insert into meta.delivery_withdrawals (delivery_id, by_name, reason) values ('nav-2026-T1-01', 'Kari Vakt', 'Feil.')"
    )
    require_kept_in(marts, "nav-2026-T1-01, which was withdrawn since")


SAID = """
insert into meta.deliveries (delivery_id, manifest_sha256, agency, period, mode, status, delivered_at, folder, folder_fingerprint)
values ('skatteetaten-{0}-{3}', '0', 'skatteetaten', '{0}', 'full', 'accepted', now(), 'f', 'f');
insert into landing.protection_statements (delivery_id, agency, extract, record_id, is_keyless, grade, street_address)
values ('skatteetaten-{0}-{3}', 'skatteetaten', 'personer', 'P1', false, '{1}', {2})
"""
HEARD = {"skatteetaten": [{"delivery_id": "skatteetaten-2026-T1-01", "is_lift_void": False}]}


def said(period: str, grade: str, home: str | None = "Storgata 1", number: str = "01") -> str:
    return SAID.format(period, grade, f"'{home}'" if home else "null", number)


@pytest.mark.parametrize(
    ("statements", "heard", "is_let_go"),
    [
        ([said("2026-T1", "fortrolig")], {}, False),
        ([said("2026-T2", "strengt_fortrolig")], {}, False),
        ([said("2026-T1", "ugradert")], {}, True),
        ([said("2026-T1", "fortrolig")], HEARD, True),
        ([said("2026-T1", "fortrolig"), said("2026-T2", "fortrolig")], HEARD, True),
        ([said("2026-T1", "fortrolig"), said("2026-T2", "fortrolig", "Nygata 2")], HEARD, False),
        (
            [said("2026-T1", "fortrolig"), said("2026-T2", "ugradert", None), said("2026-T2", "fortrolig", number="02")],
            HEARD,
            True,
        ),
    ],
    ids=["since", "of a later period", "lifted", "heard", "the same once more", "moved since", "lifted, and again"],
)  # fmt: skip
def test_what_was_made_before_a_home_was_said_to_be_protected_is_not_let_go(
    statements: list[str], heard: dict[str, Any], is_let_go: bool, marts: Marts
) -> None:
    marts.run(
        "update meta.releases set pins = pins || %s where release_id = %s",
        Jsonb({"protections": heard}),
        SECOND,
    )
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    for statement in ";".join(statements).split(";"):
        marts.run(statement)
    if is_let_go:
        require_let_go()
    else:
        require_kept_in(marts, "before it was said that somebody's home is protected")


def test_what_is_of_real_people_is_not_let_go_before_the_matrix_is_approved(
    marts: Marts, monkeypatch: pytest.MonkeyPatch
) -> None:
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    require_kept_in(marts, "a working assumption that nobody has approved")


@pytest.mark.parametrize(
    ("told", "now", "nationally", "is_let_go"),
    [
        ("hit", "hit", [], True),
        ("nothing", "hit", [], True),
        ("hit", "nothing", [], False),
        ("content", "hit", [], False),
        ("hit", "hit", ["nav.benefit"], False),
    ],
)
def test_what_tells_what_the_matrix_withholds_now_is_not_let_go(
    told: str, now: str, nationally: list[str], is_let_go: bool, marts: Marts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Matrix, "withheld", lambda *_: {"oslo": {"nav.benefit": now}})
    monkeypatch.setattr(Matrix, "told_nationally", lambda *_: [])
    withheld = {} if told == "content" else {"oslo": {"nav.benefit": told}}
    pins = {"withheld": withheld, "told_nationally": nationally}
    marts.run("update meta.releases set pins = pins || %s where release_id = %s", Jsonb(pins), SECOND)
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    if is_let_go:
        require_let_go()
    else:
        require_kept_in(marts, "has since withheld")


def test_a_person_holds_a_release_that_no_limit_holds(marts: Marts) -> None:
    """Whatever its inputs become and whoever let it go before; until somebody lets it go after."""
    pins = ledger.load(SECOND)
    holding.check_limits(pins)
    done = CliRunner().invoke(
        app, ["releases", "hold", SECOND, "--by", "Kari Vakt", "--reason", "Linked otherwise"]
    )
    assert (done.exit_code, f"{SECOND} is held" in done.output) == (0, True)
    for _ in range(2):
        with pytest.raises(ReleaseOnHold, match="Kari Vakt holds it: Linked otherwise"):
            holding.check_limits(pins)
    assert [row["release_id"] for row in list_releases() if row["is_held"]] == [SECOND]
    holding.approve(SECOND, "Per Drift", "Relinked")
    holding.check_limits(pins)
    holding.hold(SECOND, "Kari Vakt", f"Once more: {person_number(1)}")
    with pytest.raises(ReleaseOnHold, match=r"Once more: \*{11}\n"), warehouse_module.connect() as connection:
        holding.check_may_go(connection, pins)
    holding.approve(SECOND, "Per Drift", f"Right now: {person_number(1)}")
    holding.check_limits(pins)
    with warehouse_module.connect() as connection:
        holding.check_may_go(connection, pins)
    told = [act["reason"] for act in (history(SECOND) or {})["approvals"]]
    assert told == ["Relinked", "Right now: ***********"]


def test_who_holds_or_lets_go_last_decides_also_after_the_clock_was_set_back(marts: Marts) -> None:
    pins = ledger.load(SECOND)
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    marts.run("update meta.release_holds set held_at = now() + interval '1 hour'")
    holding.approve(SECOND, "Per Drift", "Right")
    holding.check_limits(pins)
    holding.hold(SECOND, "Kari Vakt", "Once more")
    with pytest.raises(ReleaseOnHold, match="Once more"):
        holding.check_limits(pins)
    holding.approve(SECOND, "Per Drift", "Right now")
    holding.check_limits(pins)


def test_what_another_release_has_overtaken_is_not_let_go(marts: Marts) -> None:
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    enter_release(marts.connection, "2025-T3.2", published_at="now")
    marts.connection.commit()
    with pytest.raises(UserError, match=rf"2025-T3\.2 was published after {SECOND}"):
        holding.approve(SECOND, "Per Drift", "Right")
    with pytest.raises(UserError, match=rf"2025-T3\.2 was published after {SECOND}"):
        publish(SECOND)
    shown = CliRunner().invoke(app, ["releases", "show", SECOND]).output
    assert "It cannot go out as it is" in shown
    assert "Let go, it changes" not in shown


def test_only_a_release_that_could_go_out_can_be_held(marts: Marts) -> None:
    with pytest.raises(UserError, match=f"{FIRST} is out already"):
        holding.hold(FIRST, "Kari Vakt", "Too late")
    holding.hold(SECOND, "Kari Vakt", "Look at it")
    marts.run("update meta.releases set status = 'failed' where release_id = %s", SECOND)
    with pytest.raises(UserError, match="none that could go out"):
        holding.hold(SECOND, "Kari Vakt", "It failed")
    with pytest.raises(UserError, match="not on hold"):
        holding.approve(SECOND, "Per Drift", "It failed")
    for act in (holding.hold, holding.approve):
        with pytest.raises(UserError) as refused:
            act(SECOND, "Kari Vakt", " ")
        assert refused.value.where == "--by, --reason"
    with pytest.raises(UserError, match="There is no release"):
        holding.hold("2031-T1.1", "Kari Vakt", "No such")


def test_where_every_release_waits_another_than_who_asked_for_it_lets_it_go(
    marts: Marts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the name given and by the account, however it is written; who asked for it on other inputs may."""
    ledger.record_request(SECOND, "Per Drift")
    marts.run("update meta.releases set fingerprint = 'g' where release_id = %s", SECOND)
    for name in ("kari", "kari", " Ola Vakt "):
        ledger.record_request(SECOND, name)
    holding.check_limits(ledger.load(SECOND))
    configure(monkeypatch, AKRIM_APPROVAL="always")
    # A shell of one's own has other settings, by which none waits, and one may do both.
    for approval, by, account in (("always", "Kari Vakt", "kari"), ("plausibility", " OLA vakt", "drift")):
        configure(monkeypatch, AKRIM_APPROVAL=approval)
        with pytest.raises(ReleaseOnHold, match="every release waits until somebody lets it go"):
            holding.check_limits(ledger.load(SECOND))
        with pytest.raises(UserError, match=r"asked for the run that made 2026-T1\.1"):
            holding.approve(SECOND, by, "Lest", account)
    holding.approve(SECOND, "Per Drift", "Lest", "per")
    holding.check_limits(ledger.load(SECOND))
    known = history(SECOND) or {}
    assert [row["by_name"] for row in known["requests"]] == ["kari", " Ola Vakt "]
    assert [row["by_name"] for row in known["approvals"]] == ["Per Drift"]


@pytest.mark.parametrize(("mode", "asked"), [("synthetic", []), ("production", ["kari"])])
def test_with_real_data_nobody_lets_go_what_they_asked_for(mode: str, asked: list[str], marts: Marts) -> None:
    """By what the release was made of, whatever a shell of one's own is set to."""
    ledger.record_request(SECOND, "kari")
    marts.run(
        "update meta.releases set pins = jsonb_build_object('settings', jsonb_build_object('data_mode', %s::text)) where release_id = %s",
        mode,
        SECOND,
    )
    assert holding.own_requests(SECOND, "kari") == asked


def test_only_a_release_on_hold_can_be_approved(marts: Marts) -> None:
    with pytest.raises(UserError, match="not on hold"):
        holding.approve(SECOND, "Kari Vakt", "-")
