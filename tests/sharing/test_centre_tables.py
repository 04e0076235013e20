"""No file of a centre contains anything about other centres' persons."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from akrim.deliveries.decisions import SHEETS
from akrim.deliveries.decisions.seal import fits
from akrim.keys import form_key
from openpyxl import load_workbook

from tests.releases import world

pytestmark = pytest.mark.slow

PERSON_NUMBER = re.compile(r"(?<![0-9a-f])[0-9]{11}(?![0-9a-f])")


def readable(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file's text: Parquet as rows, the workbook unpacked, the rest as it is (the PDF is made of the page's content)."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.suffix == ".parquet":
            yield path.name, str(pq.read_table(path).to_pylist())
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as parts:
                yield path.name, "".join(parts.read(name).decode() for name in parts.namelist())
        elif path.suffix != ".pdf":
            yield path.name, path.read_text("utf-8")


def test_other_centres_persons_and_enterprises_are_nowhere(oslo: Path) -> None:
    for name, text in readable(oslo):
        for foreign in (
            world.BERGENSER,
            "Bergljot",
            "Vestlending",
            "BRYGGEN",
            "200000047",
            world.NOWHERE,
            "Ingensteds",
        ):
            assert foreign not in text, f"{foreign} in {name}"


def test_each_centre_gets_its_own(published: Path) -> None:
    persons = pq.read_table(published / world.SECOND / "bergen" / "data" / "persons.parquet")
    enterprises = pq.read_table(published / world.SECOND / "bergen" / "data" / "enterprises.parquet")

    assert persons["person_id"].to_pylist() == [world.BERGENSER]
    of_its_network = ["200000012", "200000020", "200000039"]
    assert enterprises["orgnr"].to_pylist() == [*of_its_network, "200000047"]


def test_a_person_who_left_is_named_where_the_report_says_so_and_nowhere_else(oslo: Path) -> None:
    """By the name that the centre was sent before, once, with the points of then; in the data by id alone."""
    for name, text in readable(oslo):
        assert text.count("Tore Tidligere") == (name == "assessment.html"), name
        assert text.count("Tore") == (name == "assessment.html"), name
    assert world.LEAVER in (oslo / "changes.json").read_text()


def test_protected_addresses_are_nowhere(published: Path) -> None:
    for name, text in readable(published / world.SECOND / "oslo"):
        assert world.PROTECTED_STREET not in text, name


def test_no_person_number_is_anywhere(published: Path) -> None:
    for name, text in readable(published / world.SECOND):
        assert not PERSON_NUMBER.search(text), name


def test_rows_are_sorted_by_key(oslo: Path) -> None:
    roles = pq.read_table(oslo / "data" / "roles.parquet")["role_id"].to_pylist()
    assert roles == sorted(roles)
    assert len(roles) == 6


def test_a_network_shows_a_centre_its_own_members_and_the_size_of_the_whole(oslo: Path) -> None:
    network = pq.read_table(oslo / "data" / "networks.parquet").to_pylist()[0]
    members = pq.read_table(oslo / "data" / "network_members.parquet")
    ties = pq.read_table(oslo / "data" / "network_ties.parquet")
    assert (network["persons"], network["centres"], network["most_central_person_id"]) == (
        2,
        "bergen,oslo",
        None,
    )
    assert world.SERIAL in members["member_id"].to_pylist()
    assert world.BERGENSER not in members["member_id"].to_pylist() + ties["from_id"].to_pylist()
    assert len(ties) == 7


def test_small_counts_of_workers_are_hidden(oslo: Path) -> None:
    workers = pq.read_table(oslo / "data" / "exposed_workers.parquet").to_pylist()
    assert {row["orgnr"]: row["worker_count"] for row in workers} == {"200000020": None, "200000039": 12}


def test_nobody_is_named_but_the_listed_the_decided_and_their_counterparts(oslo: Path) -> None:
    for name, text in readable(oslo):
        for hidden in (world.UNLISTED, "Ulla", "Ulistet"):
            assert hidden not in text, f"{hidden} in {name}"
    named = pq.read_table(oslo / "data" / "named_persons.parquet").to_pylist()
    assert {(row["person_id"], row["named_because"]) for row in named} == {
        (world.SERIAL, "listed"),
        (world.PROTECTED, "listed"),
        (world.HOSTILE, "listed"),
        (world.NEWCOMER, "listed"),
        (world.DECIDED, "decided"),
        (world.COUNTERPART, "counterpart"),
        (world.NOMINATED, "nominated"),
    }
    (counted,) = pq.read_table(oslo / "data" / "persons_counted.parquet").to_pylist()
    assert (counted["persons"], counted["not_named"]) == (25, 21)


def test_of_a_counterpart_only_the_name_and_the_ties_to_the_listed_are_told(oslo: Path) -> None:
    def about(table: str, column: str) -> list[dict[str, object]]:
        rows = pq.read_table(oslo / "data" / f"{table}.parquet").to_pylist()
        return [row for row in rows if row[column] == world.COUNTERPART]

    def known(row: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in row.items() if value is not None and name != "release_id"}

    assert list(map(known, about("persons", "person_id"))) == [
        {"person_id": world.COUNTERPART, "full_name": "Mona Motpart"}
    ]
    for table in ("roles", "offence_cases", "indicator_observations", "coordination", "assessments"):
        assert about(table, "person_id") == [], table
    assert list(map(known, about("network_members", "member_id"))) == [
        {"network_id": "N1", "member_kind": "person", "member_id": world.COUNTERPART}
    ]
    ties = [(row["to_id"], row["tie"]) for row in about("network_ties", "from_id")]
    assert sorted(ties) == [("200000039", "leading_role"), (world.SERIAL, "handover")]


def test_of_a_nominated_person_only_who_it_is_and_the_nomination_are_told(oslo: Path) -> None:
    """Neither what the person leads, nor what is known or found, though all that is in the marts"""
    holding = {}
    for path in sorted((oslo / "data").glob("*.parquet")):
        rows = [row for row in pq.read_table(path).to_pylist() if world.NOMINATED in row.values()]
        holding |= {path.stem: rows} if rows else {}
    assert set(holding) == {"named_persons", "nominations", "persons"}
    (person,), (nomination,) = holding["persons"], holding["nominations"]
    assert {name: value for name, value in person.items() if value is not None and name != "release_id"} == {
        "person_id": world.NOMINATED, "full_name": "Nora Nominert", "birth_date": date(1985, 2, 14),
    }  # fmt: skip
    assert (nomination["agency"], nomination["source_grade"], nomination["information_grade"]) == (
        "nav",
        "X",
        "4",
    )
    assert (nomination["answer"], nomination["is_listed"]) == ("unanswered", False)


def test_the_nominated_stand_in_the_form_after_the_list(oslo: Path) -> None:
    sheet = load_workbook(oslo / "prioritisation.xlsx")["beslutninger"]
    names = [cell.value for cell in sheet[1]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row["rangering"] for row in rows] == [*range(1, len(rows)), "\u2013"]
    assert (rows[-1]["person_id"], rows[-1]["navn"], rows[-1]["poeng"]) == (
        world.NOMINATED,
        "Nora Nominert",
        "\u2013",
    )
    assert rows[-1]["gjeldende_status"] == "Nominert av Nav (X4)"
    assert rows[0]["gjeldende_status"].endswith("Nominert av politiet (B2)")
    key = form_key(world.SECOND)
    for row in rows:
        shown = [str(row[name] or "") for name in SHEETS["beslutninger"].shown]
        made = (row["senter"], row["beslutning_id"], row["person_id"])
        assert fits(row["segl"], key, world.SECOND, *made, shown=shown)


def test_dropped_cases_are_shared_for_the_listed_alone(oslo: Path) -> None:
    cases = pq.read_table(oslo / "data" / "offence_cases.parquet").to_pylist()
    shared = {(row["person_id"], row["outcome_code"]) for row in cases}
    assert shared == {(world.SERIAL, "forelegg"), (world.SERIAL, "henlagt_bevis"), (world.DECIDED, None)}


def test_the_report_draws_the_counterpart(oslo: Path) -> None:
    page = (oslo / "assessment.html").read_text("utf-8")
    assert "Mona Motpart" in page
