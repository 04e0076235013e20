"""The sharing matrix: what a line allows on a day, and what is said of a wrong one."""

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from akrim.commands.doctor.doctor import CHECKS
from akrim.contracts import centres
from akrim.errors import UserError
from akrim.ledger.listing import list_releases
from akrim.releases import publish
from akrim.settings import PROJECT_ROOT
from akrim.sharing import load_matrix, require_approved
from akrim.sharing.matrix import ASSESSMENT
from akrim.sharing.matrix_file import OWN_PATH, read_matrix, state_of_matrix
from akrim.sharing.page import render_page

from tests.conftest import configure
from tests.deliveries.new_agency import CONTRACT
from tests.releases.compared_marts import SECOND, Marts
from tests.sharing.matrices import changed, hit_for, without

TODAY = date(2026, 11, 26)
# What serves linkage, or nobody yet, leaves for no centre.
NEVER = {
    "arbeidstilsynet.person_number", "brreg.country", "brreg.person_number", "nav.person_number", "politiet.person_number",
    "skatteetaten.contact", "skatteetaten.person_number",
}  # fmt: skip


def withheld(path: Path, on: date = TODAY) -> dict[str, set[str]]:
    return {recipient: set(data) for recipient, data in read_matrix(path).withheld(on).items()}


def test_every_kind_of_data_has_a_line_and_the_assessment_is_whole() -> None:
    matrix = load_matrix()
    assert matrix.unsettled() == []
    assert matrix.status == "working assumption"
    assert withheld(OWN_PATH) == dict.fromkeys(centres(), NEVER)


def test_the_page_is_the_matrix_read() -> None:
    assert (PROJECT_ROOT / "docs" / "sharing.md").read_text("utf-8") == render_page(load_matrix())


def test_an_agency_that_nobody_named_yet_is_told() -> None:
    matrix = load_matrix()
    line = matrix.lines[0].model_copy(update={"agency": "tolletaten", "categories": ("seizure",)})
    with pytest.raises(UserError, match="No name is written") as told:
        render_page(matrix.model_copy(update={"lines": (line,)}))
    assert told.value.where == "tolletaten of agency, seizure of data_category"


def test_no_line_is_no_data(tmp_path: Path) -> None:
    path = changed(tmp_path / "m.yml", lambda lines: without(lines, "nav", "benefit", to="centres"))
    assert withheld(path) == dict.fromkeys(centres(), NEVER | {"nav.benefit"})
    path = changed(tmp_path / "n.yml", lambda lines: without(lines, "nav", to=ASSESSMENT))
    assert withheld(path)[ASSESSMENT] == {
        f"nav.{name}"
        for name in ("address", "benefit", "birth_date", "criminal_offence", "known", "name", "nomination", "person_number",
        "wage_guarantee")
    }  # fmt: skip
    assert read_matrix(path).at_the_door("nav", TODAY) == {
        name.partition(".")[2] for name in withheld(path)[ASSESSMENT]
    }
    assert read_matrix(path).at_the_door("politiet", TODAY) == frozenset()


def test_of_an_agency_that_the_matrix_does_not_know_what_states_a_legal_basis_is_used_until_it_does(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    basis = "      - {property: legalBasis, value: FOR-2022-06-17-1045 § 3}\n"
    line = load_matrix().lines[0].model_copy(update={"agency": "toll", "categories": ("known",)})
    for name, text, lines, is_kept in (
        ("stated", CONTRACT, (), False), ("silent", CONTRACT.replace(basis, ""), (), True), ("known", CONTRACT, (line,), True),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / "toll.yaml").write_text(text, "utf-8")
        configure(monkeypatch, AKRIM_CONTRACTS=str(tmp_path / name))
        matrix = load_matrix()
        kept = matrix.model_copy(update={"lines": (*matrix.lines, *lines)}).withheld(TODAY)
        assert ("toll.control" in kept.get(ASSESSMENT, {})) is is_kept
        what = "these are not taken in" if name == "silent" else "these are, by their contract alone"
        with pytest.raises(UserError, match=f"{what}: toll.control."):  # as the doctor tells it
            state_of_matrix()


def test_content_for_some_and_a_hit_for_one(tmp_path: Path) -> None:
    others = [centre for centre in centres() if centre != "oslo"]
    path = changed(tmp_path / "m.yml", lambda lines: hit_for(lines, "politiet", "oslo", others))
    found = read_matrix(path).withheld(TODAY)
    assert found["oslo"]["politiet.criminal_offence"] == "hit"
    assert found["oslo"]["nav.person_number"] == "nothing"
    assert "politiet.criminal_offence" not in found["bergen"]


@pytest.mark.parametrize("step", [1, -1])
def test_of_two_lines_the_one_that_shares_more_counts(tmp_path: Path, step: int) -> None:
    def twice(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        hits = [
            line | {"line": f"{line['line']}-hit", "share": "hit"}
            for line in lines
            if line["to"] == ["centres"]
        ]
        return [*lines, *hits][::step]

    assert withheld(changed(tmp_path / "m.yml", twice)) == withheld(OWN_PATH)


def test_nationally_nothing_is_told_without_a_line(tmp_path: Path) -> None:
    """What goes to the centres says nothing of it, and what stays out of the assessment is not told either."""
    none = changed(tmp_path / "m.yml", lambda lines: [line for line in lines if line["to"] != ["national"]])
    assert read_matrix(none).told_nationally(TODAY) == []
    told = set(load_matrix().told_nationally(TODAY))
    assert told.isdisjoint(NEVER)
    off = changed(tmp_path / "n.yml", lambda lines: without(lines, "nav", "benefit", to="national"))
    assert set(read_matrix(off).told_nationally(TODAY)) == told - {"nav.benefit"}
    assert withheld(off) == withheld(OWN_PATH)
    unused = changed(tmp_path / "o.yml", lambda lines: without(lines, "nav", "benefit", to=ASSESSMENT))
    assert set(read_matrix(unused).told_nationally(TODAY)) == told - {"nav.benefit"}


def test_nominators_are_answered_by_a_line_of_what_the_assessment_has(tmp_path: Path) -> None:
    assert load_matrix().answers_nominators(TODAY)
    for to in ("nominators", ASSESSMENT):
        path = changed(
            tmp_path / f"{to}.yml", lambda lines, to=to: without(lines, "sentrene", "decision", to=to)
        )
        assert not read_matrix(path).answers_nominators(TODAY)


@pytest.mark.parametrize(
    ("on", "is_shared"),
    [
        (date(2026, 1, 31), False),
        (date(2026, 2, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_line_holds_from_its_first_day_to_its_last(tmp_path: Path, on: date, is_shared: bool) -> None:
    def limited(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        dates = {"from_date": date(2026, 2, 1), "until_date": date(2026, 3, 31)}
        return [line | (dates if line["line"] == "politiet-to-centres" else {}) for line in lines]

    path = changed(tmp_path / "m.yml", limited)
    assert ("politiet.criminal_offence" not in withheld(path, on)["oslo"]) == is_shared


def test_no_address_is_used_where_it_is_not_known_whose_are_protected(tmp_path: Path) -> None:
    path = changed(
        tmp_path / "m.yml", lambda lines: without(lines, "skatteetaten", "protection", to=ASSESSMENT)
    )
    for recipient in (ASSESSMENT, "oslo"):
        hidden = {data for data in withheld(path)[recipient] if data.endswith(".address")}
        assert hidden == {
            f"{agency}.address" for agency in ("arbeidstilsynet", "nav", "politiet", "skatteetaten")
        }


def edited(**fields: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda lines: [lines[0] | fields, *lines[1:]]


WRONG = [
    (edited(**{"from": "toll"}), "line brreg-public: no contract is of an agency 'toll'"),
    (edited(categories=["tax_arrears"]), "no field of brreg's contract is classified 'tax_arrears'"),
    (edited(to=["hamar"]), "'hamar' is neither assessment, centres, national, nominators nor a centre"),
    (edited(basis=""), "line brreg-public, basis"),
    (edited(proportionality=" "), "line brreg-public, proportionality"),
    (edited(purpose="curiosity"), "its purpose 'curiosity' is not stated under purposes"),
    (edited(until_date=date(2020, 1, 1)), "it ends before it begins"),
    (edited(from_date="soon"), "line brreg-public, from_date"),
    (edited(share="all"), "line brreg-public, share"),
    (edited(share="hit"), "no rule can be computed from a hit"),
    (edited(to=["national"]), "no content is shared with national"),
    (edited(to=["nominators"], share="hit"), "nominators are told nothing but sentrene.decision"),
    (edited(surprise=1), "line brreg-public, surprise"),
    (lambda lines: [*lines, lines[0]], "line brreg-public: it stands there twice"),
    (lambda lines: [{name: value for name, value in lines[0].items() if name != "to"}], "line brreg-public, to"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "complaint"), WRONG, ids=[complaint for _, complaint in WRONG])
def test_a_wrong_line_is_named_with_what_is_wrong(
    tmp_path: Path, change: Callable[..., Any], complaint: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(tmp_path / "own.yml", change)
    configure(monkeypatch, AKRIM_SHARING=str(path))
    with pytest.raises(UserError) as error:
        CHECKS["sharing"]()
    assert complaint in error.value.what
    assert error.value.where == str(path)
    is_of_a_field = "line brreg-public, " in complaint
    assert ("every field" in error.value.next_step) == is_of_a_field, "advice that fits"


@pytest.mark.parametrize(
    "content", [b"lines: [", b"\xff\xfe", b"[]", b"null", b"lines: 7\nstatus: approved\n"]
)
def test_a_file_that_is_no_matrix_is_an_error_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.yml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_matrix(path)
    assert error.value.where == str(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_matrix(tmp_path / "none.yml")


def test_doctor_names_what_no_line_lets_in_and_an_assumption_in_production(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(tmp_path / "own.yml", lambda lines: without(lines, "nav", "benefit", to=ASSESSMENT))
    configure(monkeypatch, AKRIM_SHARING=str(path))
    with pytest.raises(UserError, match=r"nav\.benefit"):
        CHECKS["sharing"]()
    monkeypatch.delenv("AKRIM_SHARING")
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    with pytest.raises(UserError, match="working assumption"):
        CHECKS["sharing"]()


@pytest.mark.usefixtures("airflow", "home")
@pytest.mark.parametrize("step", ["scan", "receive", "pin", "list_parts", "publish"])
def test_real_people_are_not_worked_with_before_it_is_approved(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from akrim.orchestration import steps

    given: dict[str, dict[str, Any]] = {
        "receive": {"agency": "nav", "suite_for": None, "ti": None, "dag_run": None},
        "list_parts": {"dag_run": SimpleNamespace(triggering_user_name="kari")},
    }
    configure(
        monkeypatch,
        AKRIM_DATA_MODE="production",
        AKRIM_RETENTION=str(files("akrim.retention").joinpath("limits.yml")),
        AKRIM_PARTS_EXCHANGE=str(tmp_path),
    )
    with pytest.raises(UserError, match="a working assumption that nobody has approved"):
        getattr(steps, step)(**given.get(step, {}))


def test_nor_is_a_release_let_go_that_waited_before(marts: Marts, monkeypatch: pytest.MonkeyPatch) -> None:
    """`akrim releases approve` is no task of Airflow's."""
    configure(monkeypatch, AKRIM_DATA_MODE="production")
    with pytest.raises(UserError, match="a working assumption that nobody has approved"):
        publish(SECOND)
    assert {row["release_id"]: row["status"] for row in list_releases()}[SECOND] == "building"


def test_an_approved_matrix_lets_real_data_in(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.yml"
    approved = "status: approved\napproved_by: Fylkesjuristen, 1. mars 2026"
    path.write_text(OWN_PATH.read_text("utf-8").replace("status: working assumption", approved), "utf-8")
    configure(monkeypatch, AKRIM_DATA_MODE="production", AKRIM_SHARING=str(path))
    require_approved()
    assert CHECKS["sharing"]().endswith("approved")
