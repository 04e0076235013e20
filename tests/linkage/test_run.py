"""Linking releases in the warehouse: repeated, continued, undone, decided on, explained."""

from collections.abc import Callable, Iterable
from datetime import date

import pytest
from akrim import linkage
from akrim import warehouse as warehouse_module
from akrim.errors import UserError
from akrim.ledger import history
from akrim.linkage import review, runs
from akrim.linkage.review.decisions import RecordKey, Verdict
from akrim.linkage.runs.full_check import FullCheck
from akrim.releases import approve, hold, publish
from akrim.texts import LANGUAGES
from psycopg import sql

from tests.linkage.conftest import FIRST, SECOND, Rows, everything, read
from tests.linkage.person_records import Record, as_table, person_number, record
from tests.linkage.population import next_period, population


def person_records() -> Rows:
    return read("select * from linkage.person_records order by source, source_record_id")


# One record gets another person, which a full relink from the same base would not give it.
DISTURB = """
update linkage.memberships set person_id = 'PSOMEBODYELSE' where ctid = (
    select ctid from linkage.memberships
    where valid_from_release = '2026-T1.1' and valid_to_release is null order by source, source_record_id limit 1)
"""
# One pair's finding is about a record that nobody has.
DISTURB_FINDING = """
update linkage.findings set source_record_id_l = 'nobody' where ctid = (
    select ctid from linkage.findings where valid_from_release = '2026-T1.1' and valid_to_release is null
    order by source_l, source_record_id_l, source_r, source_record_id_r limit 1)
"""


def test_a_release_linked_again_is_the_same_and_a_later_one_builds_on_it(stage: Callable[..., None]) -> None:
    records = population(1)
    stage(records, FIRST, None)
    summary = runs.link(FIRST)
    assert summary.records == len(records) == len(person_records())
    first = everything()
    stage(records[::-1], FIRST, None)
    runs.link(FIRST)
    assert everything() == first

    stage(next_period(records, 1), SECOND, FIRST)
    runs.link(SECOND)
    second = everything()
    with warehouse_module.connect() as connection:
        connection.execute("insert into meta.workbench (release_id) values (%s)", [SECOND])
    checked = runs.check_in_full()
    assert checked == FullCheck(SECOND, len(person_records()), differing_records=0, differing_findings=0)
    assert everything() == second
    with warehouse_module.connect() as connection:
        connection.execute(DISTURB)
        connection.execute(DISTURB_FINDING)
    checked = runs.check_in_full()
    assert (checked.differing_records, checked.differing_findings, checked.is_equal) == (1, 2, False)
    runs.link(SECOND, in_full=True)
    assert everything() == second


def test_an_earlier_period_linked_again_has_drifted_from_its_own_and_not_from_a_later_one(
    stage: Callable[..., None],
) -> None:
    """It starts from the persons of the later one all the same."""
    records = population(1)
    found = {}
    for release_id, base, previous, staged in (
        (FIRST, None, None, records),
        (SECOND, FIRST, FIRST, [one | {"birth_date": None} for one in records]),
        ("2025-T3.2", SECOND, FIRST, records),
    ):
        stage(staged, release_id, base, previous)
        runs.link(release_id)
        found[release_id] = read(
            sql.SQL("select drift from linkage.drift where measure = {} and release_id = {}").format(
                "match_weight_since_base", release_id
            )
        )
    assert found[FIRST] == [(None,)]
    assert found[SECOND][0][0] > 0.25
    assert found["2025-T3.2"] == [(0,)]


def test_what_a_run_linked_is_counted_for_whoever_asks_next(stage: Callable[..., None]) -> None:
    stage(population(1), FIRST, None)
    runs.link(FIRST)
    query = "select attname from pg_stats where (schemaname, tablename) = ('linkage', 'memberships')"
    assert {("person_id",), ("valid_to_release",)} <= set(read(query)), (
        "holder() reads every row without them"
    )


def test_an_unpublished_run_is_undone_when_its_base_is_linked_again(stage: Callable[..., None]) -> None:
    records = population(2)
    stage(records, FIRST, None)
    runs.link(FIRST)
    first = everything()
    stage(next_period(records, 2), SECOND, FIRST)
    runs.link(SECOND)
    stage(records, FIRST, None)
    runs.link(FIRST)
    assert everything() == first


def test_a_published_run_is_not_taken_back(stage: Callable[..., None]) -> None:
    stage(population(2), FIRST, None)
    runs.link(FIRST)
    stage(population(2), SECOND, FIRST)
    runs.link(SECOND)
    with warehouse_module.connect() as connection:
        connection.execute(
            "update meta.releases set status = 'published', published_at = now() where release_id = %s",
            [SECOND],
        )
    with pytest.raises(UserError):
        runs.link(FIRST)


def test_a_run_whose_release_never_went_out_is_undone_whatever_became_of_it(
    stage: Callable[..., None],
) -> None:
    records = population(1)
    stage(records, FIRST, None)
    runs.link(FIRST)
    with warehouse_module.connect() as connection:
        connection.execute("update meta.releases set status = 'recalled'")
    stage(records, SECOND, None)
    runs.link(SECOND)
    assert read("select release_id from linkage.runs") == [(SECOND,)]


def test_a_held_release_does_not_go_out_once_another_run_has_linked_persons_over_it(
    stage: Callable[..., None],
) -> None:
    """Its persons are undone: whatever came after it would have none to go on from, and no run would link again."""
    records = population(1)
    stage(records, FIRST, None)
    runs.link(FIRST)
    with warehouse_module.connect() as connection:
        connection.execute(
            "update meta.releases set is_explained = true, pins = pins || '{\"deliveries\": {}}'"
        )
    hold(FIRST, "Kari Vakt", "A test")
    approve(FIRST, "Per Drift", "It stands")
    hold(FIRST, "Kari Vakt", "Another test")
    stage(next_period(records, 1), SECOND, None)
    runs.link(SECOND)
    with pytest.raises(UserError, match=f"Another run has linked persons since {FIRST} was made"):
        approve(FIRST, "Per Drift", "It stands no more")
    assert len((history(FIRST) or {})["approvals"]) == 1
    with warehouse_module.connect() as connection:
        connection.execute("delete from meta.release_holds")
    with pytest.raises(UserError, match="Another run has linked persons"):
        publish(FIRST)


def test_a_key_that_its_agency_gave_to_somebody_else_keeps_nobodys_id(stage: Callable[..., None]) -> None:
    """She who is known by another key by then keeps hers; and of her whose only key it was no other becomes the heir."""
    hers, his, whose = (
        record("nav", "K", given_name=given, family_name=family, birth_date=str(born), identifier=person_number(born))
        for given, family, born in (
            ("Turid", "Aasen", date(1961, 2, 3)), ("Roar", "Molvik", date(1972, 5, 6)), ("Gunn", "Sletten", date(1983, 8, 9)),
        )
    )  # fmt: skip
    stage([hers, whose | {"source_record_id": "L"}, *population(5)], FIRST, None)
    runs.link(FIRST)
    stage(
        [his, his | {"source_record_id": "L"}, hers | {"source_record_id": "M"}, *population(5)],
        SECOND,
        FIRST,
    )
    runs.link(SECOND)
    persons = {
        release_id: {
            row[2]: row[3] for row in read(f"select * from linkage.person_records_at('{release_id}')")
        }
        for release_id in (FIRST, SECOND)
    }
    known = set(persons[FIRST].values())
    assert persons[SECOND]["M"] == persons[FIRST]["K"]
    assert persons[SECOND]["K"] == persons[SECOND]["L"] not in known
    assert read("select * from linkage.person_id_history") == []


def test_a_verdict_lapses_once_the_key_is_somebody_elses(stage: Callable[..., None]) -> None:
    """In that run and the next ones, in full or not; what is decided on the new one stands."""
    hers, his = (
        record("nav", "K", given_name=given, family_name=family, birth_date=str(born), identifier=person_number(born))
        for given, family, born in (("Turid", "Aasen", date(1961, 2, 3)), ("Roar", "Molvik", date(1972, 5, 6)))
    )  # fmt: skip
    maiden = record("brreg", "B", given_name="Turid", family_name="Vestgård", birth_date="1961-02-03")
    moved, others = hers | {"source_record_id": "M"}, population(5)
    keys = RecordKey("nav", "K"), RecordKey("brreg", "B")

    def joined(with_key: str) -> bool:
        persons = {row[2]: row[3] for row in person_records()}
        return persons[with_key] == persons["B"]

    stage([hers, maiden, *others], FIRST, None)
    runs.link(FIRST)
    review.decide(*keys, "same", "A maiden name", "a clerk")
    stage([hers, maiden, *others], SECOND, FIRST)
    runs.link(SECOND)
    assert joined("K")
    third, fourth = "2026-T2.1", "2026-T3.1"
    for release_id, base, in_full in ((third, SECOND, False), (fourth, third, False), (fourth, third, True)):
        stage([his, moved, maiden, *others], release_id, base)
        runs.link(release_id, in_full)
        assert not joined("K"), release_id
        assert (
            read("select * from linkage.known_verdicts")
            == read("select * from linkage.standing_verdicts")
            == []
        )
    review.decide(*keys, "same", "She was a man", "a clerk")
    stage([his, moved, maiden, *others], fourth, third)
    runs.link(fourth)
    assert joined("K")


def test_no_digest_that_is_kept_can_be_tried_out(stage: Callable[..., None]) -> None:
    """There are few person numbers: without the installation's key, that of a digest would soon be found."""
    number = person_number(date(1961, 2, 3))
    stage([record("nav", "K", birth_date="1961-02-03", identifier=number)], FIRST, None)
    runs.link(FIRST)
    ((parts, tried),) = read(
        f"select string_to_array(content_digest, ' '), array[md5('{number}'), md5('1961-02-03')] from linkage.memberships"
    )
    number_part, birth_part = parts[1:3]
    assert number_part
    assert birth_part
    assert not any(digest.startswith((number_part, birth_part)) for digest in tried)


def test_a_clerks_verdict_is_honoured_and_the_old_id_leads_on(stage: Callable[..., None]) -> None:
    records = population(3)
    stage(records, FIRST, None)
    runs.link(FIRST)
    rows = read(
        "select l.source, l.source_record_id, r.source, r.source_record_id, l.person_id, r.person_id from linkage.findings f"
        " join linkage.person_records l on (l.source, l.source_record_id) = (f.source_l, f.source_record_id_l)"
        " join linkage.person_records r on (r.source, r.source_record_id) = (f.source_r, f.source_record_id_r)"
        " where f.outcome = 'below_threshold' order by 1, 2, 3, 4 limit 1"
    )
    source_l, id_l, source_r, id_r, person_l, person_r = map(str, rows[0])
    one, other = RecordKey(source_l, id_l), RecordKey(source_r, id_r)
    review.decide(other, one, "same", "They are", "a clerk")
    stage(records, SECOND, FIRST)
    runs.link(SECOND)
    living = read(f"select linkage.resolve('{person_l}'), linkage.resolve('{person_r}')")[0]
    assert living[0] == living[1]

    review.decide(one, other, "different", "They are not", "a clerk")
    review.decide(one, other, "same", "They look it", "another clerk", "second")
    for is_pinned in (False, True):
        if is_pinned:
            stage(records, SECOND, FIRST)
        runs.link(SECOND)
        persons = {
            row[3] for row in person_records() if (row[0], row[2]) in ((source_l, id_l), (source_r, id_r))
        }
        assert len(persons) == (2 if is_pinned else 1), (
            "a release goes by the verdicts that it was pinned with"
        )
        known = read("select verdict from linkage.known_verdicts")
        assert known == [("different" if is_pinned else "same",)], "its marts go by the same"


def test_a_verdict_against_the_numbers_is_queued_and_joins_nobody(stage: Callable[..., None]) -> None:
    records = population(4)
    stage(records, FIRST, None)
    runs.link(FIRST)
    numbered = [r for r in records if r["identifier"]]
    one = numbered[0]
    other = next(r for r in numbered if str(r["identifier"])[:6] != str(one["identifier"])[:6])
    keys = [RecordKey(str(r["source"]), str(r["source_record_id"])) for r in (one, other)]
    review.decide(*keys, "same", "Looks like it", "a clerk")
    stage(records, SECOND, FIRST)
    runs.link(SECOND)
    first = review.review_queue(1)[0]
    assert first["outcome"] == "contradicts_decision"
    assert first["person_id_l"] != first["person_id_r"]


@pytest.mark.parametrize("said", [("same", "different"), ("same", "unsure"), ("different", "same")])
def test_a_verdict_on_one_record_of_a_number_is_not_silenced_by_one_on_another(
    said: tuple[Verdict, Verdict], stage: Callable[..., None]
) -> None:
    born = date(1980, 3, 4)
    described = {"given_name": "Marit", "family_name": "Moe", "birth_date": str(born)}
    mine, others = person_number(born), person_number(born, 1)
    records = [
        record("brreg", "1", **described, identifier=mine),
        record("nav", "2", **described, identifier=mine),
        record("politiet", "3", **described, identifier=others),
    ]
    stage(records, FIRST, None)
    runs.link(FIRST)
    for key, verdict in zip(("brreg/1", "nav/2"), said, strict=True):
        review.decide(RecordKey.parse(key), RecordKey("politiet", "3"), verdict, "It seems so", "a clerk")
    stage(records, SECOND, FIRST)
    runs.link(SECOND)
    (waiting,) = review.review_queue(9)
    assert (waiting["outcome"], waiting["cause"]) == ("contradicts_decision", "contradicts_decision")
    assert waiting["person_id_l"] != waiting["person_id_r"]


@pytest.mark.parametrize(
    ("told_apart", "alone"),
    [
        (
            ("brreg/2", "nav/1", "skatteetaten/4"),
            "politiet/3",
        ),  # as an identity is disputed: from every other
        (("nav/1",), "politiet/3"),  # of a single pair the one that is later by key
    ],
)
def test_a_record_told_apart_has_not_the_number_that_it_shares(
    told_apart: tuple[str, ...], alone: str, stage: Callable[..., None]
) -> None:
    """Such as where somebody gave the police another's name, birth date and number."""
    born = date(1980, 3, 4)
    described = {
        "given_name": "Marit",
        "family_name": "Moe",
        "birth_date": str(born),
        "identifier": person_number(born),
    }
    shared = [
        record(*key.split("/"), **described) for key in ("brreg/2", "nav/1", "politiet/3", "skatteetaten/4")
    ]
    records = [*shared, *population(8)]

    def persons(release_id: str, base: str | None) -> dict[str, object]:
        """Whose the four are: the same by what changed alone and by all records."""
        stage(records, release_id, base)
        runs.link(release_id)
        found = {f"{r[0]}/{r[2]}": r[3] for r in person_records() if f"{r[0]}/{r[2]}" in keys}
        linked = everything()
        runs.link(release_id, in_full=True)
        assert everything() == linked
        return found

    keys = {f"{r['source']}/{r['source_record_id']}" for r in shared}
    assert len(set(persons(FIRST, None).values())) == 1
    for key in told_apart:
        review.decide(RecordKey.parse(alone), RecordKey.parse(key), "different", "Not he", "a clerk")
    found = persons(SECOND, FIRST)
    assert {key for key in keys if list(found.values()).count(found[key]) == 1} == {alone}
    steps = linkage.explain(str(found[alone]), "en").steps
    assert "told apart" in next(step.words for step in steps if step.records == (alone,))
    for key in told_apart:
        review.decide(RecordKey.parse(alone), RecordKey.parse(key), "unsure", "Revoked", "a clerk")
    assert len(set(persons("2026-T2.1", SECOND).values())) == 1


def test_an_explanation_adds_up_and_names_no_person_number(stage: Callable[..., None]) -> None:
    records = population(5)
    stage(records, FIRST, None)
    runs.link(FIRST)
    person = str(
        read("select person_id from linkage.person_records where link_kind = 'probabilistic' order by 1")[0][
            0
        ]
    )
    for language in LANGUAGES:
        explanation = linkage.explain(person, language)
        weighed = [step for step in explanation.steps if step.weighings]
        assert weighed
        for step in weighed:
            assert sum(w.weight for w in step.weighings) == pytest.approx(step.match_weight, abs=0.01)
        assert not any(str(r["identifier"]) in repr(explanation) for r in records if r["identifier"])


def test_a_borrowed_number_is_a_step_of_its_own(stage: Callable[..., None]) -> None:
    number = person_number(date(1980, 3, 4))
    bearer = {"identifier": number, "given_name": "Marit", "family_name": "Moe", "birth_date": "1980-03-04"}
    borrower = {
        "identifier": number,
        "given_name": "Łukasz",
        "family_name": "Nowak",
        "birth_date": "1991-11-20",
    }
    stage(
        [record("nav", "1", **bearer), record("brreg", "2", **bearer), record("nav", "3", **borrower)],
        FIRST,
        None,
    )
    runs.link(FIRST)
    ((person,),) = read("select person_id from linkage.explanations where kind = 'borrowed_number'")
    (step,) = linkage.explain(str(person), "en").steps
    assert (step.records, step.weighings) == (("nav/3",), ())
    assert "somebody else's" in step.words


def test_an_unknown_person_is_said_to_be_unknown(stage: Callable[..., None]) -> None:
    stage(population(5, persons=2), FIRST, None)
    runs.link(FIRST)
    with pytest.raises(UserError):
        linkage.explain("PNOSUCHPERSON")


def test_what_a_left_out_record_alone_held_together_comes_apart_and_the_rest_stays(
    stage: Callable[..., None],
) -> None:
    """NAV's record has the number of the tax agency's and the name of the register's, which have nothing in common."""
    born = date(1980, 3, 4)
    bridged = {"given_name": "Sahra", "birth_date": str(born)}
    number = person_number(born)
    records = [
        record("brreg", "1", family_name="Furuvold", street_address="Elvegata 7", postcode="0105", **bridged),
        record("nav", "2", family_name="Furuvold", street_address="Elvegata 7", postcode="0105", identifier=number, **bridged),
        record("skatteetaten", "3", given_name="Sahra", family_name="Dimitrov", identifier=number),
        *population(8),
    ]  # fmt: skip
    stage(records, FIRST, None)
    runs.link(FIRST)
    linked, before = _persons(person_records()), everything()
    assert linked["brreg", "1"] == linked["nav", "2"] == linked["skatteetaten", "3"]
    assert _relinked(records) == linked
    remaining = [r for r in records if r["source"] != "nav"]
    persons = _relinked(remaining)
    assert persons.keys() == {(r["source"], r["source_record_id"]) for r in remaining}
    assert persons["brreg", "1"] != persons["skatteetaten", "3"]
    assert linked["brreg", "1"] in persons.values()
    assert len({persons[key] for key in persons if linked[key] != linked["brreg", "1"]}) == len(
        {linked[key] for key in persons if linked[key] != linked["brreg", "1"]}
    )
    assert everything() == before


def _persons(rows: Iterable[tuple[object, ...]]) -> dict[tuple[object, object], object]:
    return {(source, record_id): person for source, _, record_id, person, *_ in rows}


def _relinked(records: list[Record]) -> dict[tuple[object, object], object]:
    return _persons(runs.relink(FIRST, as_table(records)).person_records)
