"""Every id that a centre was sent can be resolved after any history of merges and splits."""

import psycopg
from akrim import ledger
from akrim.formats.moved_ids_json import IdChange, moved_ids, moved_ids_of
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.entering import enter_release
from tests.releases.tables import add, create_marts
from tests.trust.conftest import FIRST, SECOND


def test_merged_split_and_gone() -> None:
    sent = {"P1": 1, "P2": 1, "P3": 1, "P4": 1}
    history = [IdChange("P1", "P9", "merged", 2), IdChange("P2", "P8", "split", 2)]
    assert moved_ids(sent, history, {"P9", "P2", "P8", "P4"}) == [
        {"old_person_id": "P1", "kind": "merged", "person_ids": ["P9"]},
        {"old_person_id": "P2", "kind": "split", "person_ids": ["P2", "P8"]},
        {"old_person_id": "P3", "kind": "left", "person_ids": []},
    ]


def test_changes_before_an_id_was_sent_are_ignored() -> None:
    assert moved_ids({"P1": 3}, [IdChange("P1", "P2", "split", 2)], {"P1", "P2"}) == []


def test_an_id_merged_into_somebody_elses_person_has_left() -> None:
    assert moved_ids({"P1": 1}, [IdChange("P1", "P2", "merged", 2)], set()) == [
        {"old_person_id": "P1", "kind": "left", "person_ids": []}
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, int], list[IdChange], set[str]]:
    """Records that change persons from moment to moment, told as linkage tells it; and the persons at the end."""
    records = [f"r{number}" for number in range(5)]
    persons = {record: f"P-{record}" for record in records}
    sent: dict[str, int] = {}
    steps = []
    for moment in range(1, draw(st.integers(2, 5))):
        for person in persons.values():
            sent.setdefault(person, moment)
        groups = draw(st.lists(st.integers(0, 4), min_size=5, max_size=5))
        # A group keeps the id of its first record's person where nobody else has taken it, else gets a new one.
        taken: dict[int, str] = {}
        for record, group in zip(records, groups, strict=True):
            if group not in taken:
                old = persons[record]
                taken[group] = old if old not in taken.values() else f"P{moment}-{record}"
        later = {record: taken[group] for record, group in zip(records, groups, strict=True)}
        for old in set(persons.values()):
            heirs = sorted({later[record] for record in records if persons[record] == old} - {old})
            lives_on = old in later.values()
            steps += [
                IdChange(old, heir, "split" if lives_on or place else "merged", moment + 1)
                for place, heir in enumerate(heirs)
            ]
        persons = later
    return sent, steps, set(persons.values())


@given(histories())
def test_ids_resolve_over_any_history(made: tuple[dict[str, int], list[IdChange], set[str]]) -> None:
    sent, steps, present = made
    entries = {entry["old_person_id"]: entry for entry in moved_ids(sent, steps, present)}
    for person_id in sent:
        targets = entries[person_id]["person_ids"] if person_id in entries else [person_id]
        # Nobody's records go away in these histories, so somebody always stands for the id.
        assert targets
        assert set(targets) <= present
    for entry in entries.values():
        assert entry["kind"] != "left"
        assert entry["kind"] == "split" or len(entry["person_ids"]) == 1


def test_nothing_is_told_of_whom_an_erasure_has_not_yet_forgotten(warehouse: str) -> None:
    """Killed before it was at its end, and a release made before it was repeated."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        create_marts(connection, "named_persons")
        for release_id in (FIRST, SECOND):
            enter_release(connection, release_id, published_at="now")
        for person_id in ("P-HERS", "P-HERS-ONCE", "P-LEFT"):
            add(connection, "named_persons", release_id=FIRST, centre_id="oslo", person_id=person_id)
        connection.execute(
            "insert into linkage.person_id_history values ('P-HERS-ONCE', 'P-HERS', %s, 'merged')", [FIRST]
        )
        connection.execute(
            "insert into meta.erasures (person_id, releases, rows_erased, by_name, reason) values ('P-HERS', '{}', 1, 'Kari Vakt', 'Krevd.')"
        )
        told = moved_ids_of(connection, ledger.load(SECOND), "oslo", {}, {})
    assert told["ids"] == [{"old_person_id": "P-LEFT", "kind": "left", "person_ids": []}]
