"""Clerical review: the queue and its order, verdicts by file, blind second readings, and samples."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import combinations
from math import comb
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from akrim import linkage
from akrim import warehouse as warehouse_module
from akrim.cli import app
from akrim.commands.link.review_file import read_review_file, write_review_file
from akrim.errors import UserError
from akrim.linkage import quality, review, runs
from akrim.linkage.review.decisions import LAST_CONFLICT, Decision, RecordKey
from akrim.settings import get_settings
from akrim.texts import LANGUAGES, texts
from typer.testing import CliRunner

from tests.audit.events import events
from tests.linkage.conftest import FIRST, SECOND, read
from tests.linkage.person_records import Record, person_number, record
from tests.linkage.population import population

Stage = Callable[..., None]


def true_person(record: str) -> str:
    """The made-up population's answer key lies in the record's own id."""
    return record.rpartition("/")[2].partition("-")[0]


def fill_in(path: Path, author: str) -> None:
    """What a clerk who knows the truth writes."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(header, row, strict=True))
        alike = true_person(cells["one"].value) == true_person(cells["other"].value)
        cells["verdict"].value = "same" if alike else "different"
        cells["reason"].value, cells["author"].value = "Looked it up", author
    book.save(path)


def keys_of(pair: dict[str, Any]) -> tuple[RecordKey, RecordKey]:
    return (
        RecordKey(pair["source_l"], pair["source_record_id_l"]),
        RecordKey(pair["source_r"], pair["source_record_id_r"]),
    )


def first_pair() -> tuple[RecordKey, RecordKey]:
    return keys_of(review.review_queue(1)[0])


NEAR_PERSONS = """
select distinct l.person_id, r.person_id from linkage.findings f
join linkage.person_records l on (l.source, l.source_record_id) = (f.source_l, f.source_record_id_l)
join linkage.person_records r on (r.source, r.source_record_id) = (f.source_r, f.source_record_id_r)
where f.valid_to_release is null and l.person_id <> r.person_id
"""


def pairs_that_came_near(persons: list[tuple[str, str]], near: set[frozenset[str]]) -> int:
    """The pairs of one true person's records that were not joined but may be seen: what no rule found no clerk sees."""
    sizes = Counter(persons)
    return sum(
        sizes[one] * sizes[other]
        for one, other in combinations(sorted(sizes), 2)
        if one[1] == other[1] and frozenset((one[0], other[0])) in near
    )


@pytest.mark.slow
def test_a_sample_read_to_the_end_estimates_what_is_true(stage: Stage, tmp_path: Path) -> None:
    records = population(7, persons=160)
    stage(records, FIRST, None)
    runs.link(FIRST)
    persons = [
        (str(person), true_person(f"{source}/{key}"))
        for source, key, person in read(
            "select source, source_record_id, person_id from linkage.person_records"
        )
    ]
    near = {frozenset(map(str, row)) for row in read(NEAR_PERSONS)}
    drawn = quality.draw_sample(120, "a seed")
    assert drawn == quality.draw_sample(120, "a seed")
    path = tmp_path / "sample.xlsx"
    write_review_file(path, drawn.unread, {"sample": drawn.sample_id})
    fill_in(path, "a clerk")
    assert review.record_decisions(read_review_file(path)) > 0
    assert review.record_decisions(read_review_file(path)) == 0
    stage(records, SECOND, FIRST)
    runs.link(SECOND)
    figures = {f.measure: f for f in quality.read_quality(SECOND).figures if f.subgroup == "all"}
    shared, found, true = (
        sum(comb(size, 2) for size in Counter(side).values())
        for side in (persons, *zip(*persons, strict=True))
    )
    assert shared < true, "without a mistake the test shows nothing"
    seen = shared + pairs_that_came_near(persons, near)
    for measure, truth in (("precision_reviewed", shared / found), ("recall_reviewed", shared / seen)):
        figure = figures[measure]
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= truth <= figure.high, (measure, shared, found, true, seen)
    assert figures["b_cubed_recall_reviewed"].support > 100


def test_a_verdict_of_a_sample_is_on_a_pair_that_was_drawn_for_it(stage: Stage) -> None:
    """Else it would stand, and count in no sample's estimate."""
    stage(population(3), FIRST, None)
    runs.link(FIRST)
    drawn, another = (quality.draw_sample(3, seed) for seed in ("one", "another"))
    elsewhere = set(map(frozenset, map(keys_of, another.unread)))
    one, other = next(pair for pair in map(keys_of, drawn.unread) if frozenset(pair) not in elsewhere)
    for sample in (999, another.sample_id):
        with pytest.raises(UserError, match=f"Sample {sample} holds no such pair"):
            review.record_decisions([Decision(one, other, "same", "why", "me", sample_id=sample)])
    for pair in ((one, other), (other, one)):
        decision = Decision(*pair, "same", f"why {pair[0]}", "me", sample_id=drawn.sample_id)
        assert review.record_decisions([decision]) == 1


def test_a_blind_second_reading_is_held_against_the_first_and_moves_nothing(stage: Stage) -> None:
    stage(population(3), FIRST, None)
    runs.link(FIRST)
    one, other = first_pair()
    assert quality.pairs_to_read_again("second clerk", 5) == []
    review.decide(one, other, "different", "Other people", "first clerk")
    (unread,) = quality.pairs_to_read_again("second clerk", 5)
    assert not {"verdict", "match_weight", "cause", "reason"} & unread.keys()
    assert quality.pairs_to_read_again("first clerk", 5) == []
    with pytest.raises(UserError, match="somebody else"):
        review.decide(one, other, "same", "Again", "first clerk", reading="second")
    review.decide(one, other, "same", "The same one", "second clerk", reading="second")
    assert quality.pairs_to_read_again("second clerk", 5) == []
    agreement = quality.agreement()
    assert (agreement.pairs, agreement.kappa) == (1, 0.0)
    first = review.review_queue(1)[0]
    assert first["cause"] == "readers_disagree"
    stage(population(3), SECOND, FIRST)
    runs.link(SECOND)
    told = "select verdict from linkage.findings where valid_to_release is null and verdict is not null"
    assert read(told) == [("different",)]
    review.decide(one, other, "same", "The same one", "second clerk")  # in the same words, and now it stands
    assert review.review_queue(1)[0]["cause"] != "readers_disagree"


def test_a_verdict_whose_evidence_has_gone_comes_back_into_the_queue(stage: Stage) -> None:
    records = population(3)
    stage(records, FIRST, None)
    runs.link(FIRST)
    accepted = "select source_l, source_record_id_l, source_r, source_record_id_r from linkage.findings"
    left, left_id, right, right_id = map(
        str, read(f"{accepted} where outcome = 'accepted' order by 1, 2, 3, 4")[0]
    )
    keys = [RecordKey(left, left_id), RecordKey(right, right_id)]
    review.decide(*keys, "same", "One person", "a clerk")
    changed = [
        record
        | {"given_name": "Xerxes", "family_name": "Quux", "birth_date": "1931-01-02", "street_address": None}
        if RecordKey(str(record["source"]), str(record["source_record_id"])) == keys[1]
        else record
        for record in records
    ]
    stage(changed, SECOND, FIRST)
    runs.link(SECOND)
    causes = {
        frozenset((p["source_record_id_l"], p["source_record_id_r"])): p["cause"]
        for p in review.review_queue(100)
    }
    assert causes[frozenset(key.source_record_id for key in keys)] == "evidence_changed"


def namesakes() -> list[Record]:
    """Two persons of one name and birth date in one street, and a record without a number that could be either's."""
    born = date(1985, 6, 14)
    shared: dict[str, str | None] = {
        "given_name": "Borghild", "family_name": "Skarvoll", "birth_date": str(born), "postcode": "0450",
        "street_address": "Granveien 9",
    }  # fmt: skip
    return [
        record("nav", "first", **shared, identifier=person_number(born, 1)),
        record("brreg", "second", **shared, identifier=person_number(born, 2)),
        record("politiet", "either", **shared),
    ]


def test_what_fits_two_persons_is_parked_and_waits_for_people(stage: Stage) -> None:
    stage(namesakes(), FIRST, None)
    summary = runs.link(FIRST)
    assert summary.persons == 3
    assert summary.parked_pairs == {"parked_between_numbers": 2}
    parked = [
        {pair["source_record_id_l"], pair["source_record_id_r"]}
        for pair in review.review_queue(10)
        if pair["cause"] == "parked"
    ]
    assert sorted(parked, key=sorted) == [{"either", "first"}, {"either", "second"}]
    figure = next(f for f in quality.read_quality(FIRST).figures if f.measure == "parked")
    assert (figure.estimate, figure.support) == (1.0, 2)
    person = "select person_id from linkage.person_records where source_record_id = 'either'"
    misses = linkage.explain(str(read(person)[0][0]), "en").near_misses
    assert {miss.words for miss in misses} == {texts("en", "linkage")["outcomes"]["parked_between_numbers"]}

    stage(namesakes()[1:], SECOND, FIRST)
    assert (runs.link(SECOND).persons, runs.link(SECOND, in_full=True).persons) == (1, 1)
    review.decide(RecordKey("politiet", "either"), RecordKey("nav", "first"), "same", "Asked her", "a clerk")
    stage(namesakes(), SECOND, FIRST)
    assert (runs.link(SECOND).persons, runs.link(SECOND).parked_pairs) == (2, {})


def test_people_read_a_cause_in_their_language_and_programs_its_code(
    stage: Stage, warehouse: str, tmp_path: Path
) -> None:
    stage(namesakes(), FIRST, None)
    runs.link(FIRST)
    for language in LANGUAGES:
        get_settings.cache_clear()
        out = tmp_path / f"review-{language}.csv"
        CliRunner().invoke(app, ["link", "review", "--out", str(out)], env={"AKRIM_LANGUAGE": language})
        assert texts(language, "linkage")["queue"]["parked"] in out.read_text("utf-8-sig")
    told = CliRunner().invoke(app, ["link", "review", "--json"]).stdout
    assert {pair["cause"] for pair in json.loads(told)} == {"parked"}
    filled = out.read_bytes()
    refused = CliRunner().invoke(app, ["link", "review", "--out", str(out)])
    assert isinstance(refused.exception, UserError), "what somebody has filled in stands nowhere else"
    assert out.read_bytes() == filled
    logged = events(warehouse, "consultation")
    for name, told in (("review.txt", ".xlsx or .csv"), ("nowhere/review.xlsx", "folder that is there")):
        refused = CliRunner().invoke(app, ["link", "review", "--out", str(tmp_path / name)])
        assert told in str(refused.exception)
    for both in (
        ["--sample", "1", "--second", "--author", "kari"],
        ["--out", str(tmp_path / "new.csv"), "--json"],
    ):
        assert "at once" in str(CliRunner().invoke(app, ["link", "review", *both]).exception)
    assert events(warehouse, "consultation") == logged, "nobody was shown anything"
    empty = CliRunner().invoke(app, ["link", "decide", "--file", str(out), "--author", "kari"])
    assert "No verdict is filled in" in str(empty.exception)


def test_who_stands_high_on_a_list_is_looked_at_first(stage: Stage) -> None:
    stage(population(4), FIRST, None)
    runs.link(FIRST)
    last = [pair for pair in review.review_queue(100) if pair["priority"] > 1][-1]
    with warehouse_module.connect() as connection:
        connection.execute("create table marts.assessments (release_id text, person_id text, rank bigint)")
        for release_id, rank in ((FIRST, 20), ("2024-T3.1", 1)):
            of_release = [release_id, last["person_id_l"], rank]
            connection.execute("insert into marts.assessments values (%s, %s, %s)", of_release)
        connection.execute("update meta.releases set status = 'published'")
    first = next(pair for pair in review.review_queue(100) if pair["priority"] > 1)
    assert first["best_rank"] == 20
    assert last["person_id_l"] in (first["person_id_l"], first["person_id_r"])
    with warehouse_module.connect() as connection:
        connection.execute("update marts.assessments set rank = 21")
    lower = [pair for pair in review.review_queue(100) if pair["priority"] > 1]
    assert lower[-1] == last | {"best_rank": 21}


def test_no_pair_that_is_merely_alike_comes_before_a_conflict(stage: Stage) -> None:
    stage(population(4), FIRST, None)
    runs.link(FIRST)
    with warehouse_module.connect() as connection:
        connection.execute("update linkage.findings set outcome = 'guarded', match_weight = 90")
        alike = connection.execute(
            "select priority from linkage.review_queue where cause = 'guarded'"
        ).fetchall()
    assert alike
    assert all(priority > LAST_CONFLICT for (priority,) in alike)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"verdict": "maybe"}, "no verdict"),
        ({"reason": ""}, "no reason"),
        ({"author": ""}, "no author"),
        ({"one": "nowhere"}, "names no record"),
        ({"sample": "x"}, "no sample"),
        ({"sample": "²"}, "no sample"),
        ({"reading": "third"}, "no reading"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    row = {
        "sample": "",
        "reading": "first",
        "one": "nav/1",
        "other": "nav/2",
        "verdict": "same",
        "reason": "So",
        "author": "me",
    }
    row |= cells
    path = tmp_path / "review.csv"
    path.write_text(";".join(row) + "\n" + ";".join(row.values()) + "\n", encoding="utf-8-sig")
    with pytest.raises(UserError, match=said):
        read_review_file(path)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_comes_back_as_it_was_made_and_no_text_becomes_a_formula(tmp_path: Path, ending: str) -> None:
    pair = {
        "source_l": "nav", "source_record_id_l": "1", "source_r": "brreg", "source_record_id_r": "2",
        "says_l": "=HYPERLINK(1)", "says_r": "Ola Nordmann", "match_weight": 4.2, "cause": "near the threshold",
    }  # fmt: skip
    path = tmp_path / f"review.{ending}"
    write_review_file(path, [pair], {})
    assert read_review_file(path) == []
    if ending == "csv":
        assert "'=HYPERLINK" in path.read_text(encoding="utf-8-sig")
        path.write_text(
            path.read_text(encoding="utf-8-sig").replace(";;;", ";different;Not he;"), encoding="utf-8"
        )
    else:
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        says = sheet["E2"]
        assert (says.value, says.data_type) == ("=HYPERLINK(1)", "s")
        sheet["I2"], sheet["J2"] = "Different", "Not he"
        book.save(path)
    assert read_review_file(path, "kari") == [
        Decision(RecordKey("nav", "1"), RecordKey("brreg", "2"), "different", "Not he", "kari")
    ]
