"""What `akrim explain` says of records and links where another release's persons were linked since, and where there is none to tell of."""

import psycopg
import pytest
from akrim import linkage
from akrim.commands.explain.explain_page import show
from akrim.errors import UserError
from akrim.insight import read_explanation
from akrim.linkage.explanation import MAX_NEAR_MISSES

from tests.audit.events import events
from tests.ledger.entering import enter_release, enter_run
from tests.releases.tables import create_marts

NEWEST, CORRECTED = "2025-T3.1", "2025-T2.2"
PERSON = "PAAAAAAAAAAAA"
RECORDS = "create table intermediate.person_records (source text, source_record_id text, given_name text, middle_name text, family_name text, birth_date date)"
MEMBER = """
insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release, valid_to_release)
values ('nav', 'personer', 'n1', '', %s, 'single', %s, %s)
"""
NEAR = """
insert into linkage.findings (source_l, source_record_id_l, source_r, source_record_id_r, outcome, threshold, steps, valid_from_release)
values ('nav', 'n1', 'politiet', %s, 'below_threshold', 1, '{"starting_point": -18}', %s)
"""


def test_what_an_earlier_period_has_otherwise_is_not_told_of_the_newest_release(
    warehouse: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody of whom agencies first told for the newest period, once an earlier one was assessed anew."""
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "assessments", "indicator_observations", "offence_cases")
        connection.execute(RECORDS.encode())
        for release_id in (NEWEST, CORRECTED):
            enter_release(connection, release_id, published_at="now")
            enter_run(connection, release_id)
        connection.execute(MEMBER.encode(), [PERSON, NEWEST, CORRECTED])
    known = read_explanation(PERSON, "", "en", "Kari Vakt", "a test")
    assert (known["release_id"], known["linked_last"], known["records"]) == (NEWEST, CORRECTED, [])
    show(known, "en")
    told = " ".join(capsys.readouterr().out.split())
    assert f"as {CORRECTED} found them" in told
    assert "No agency delivers this person" not in told
    assert "one record only" not in told


@pytest.mark.parametrize("shows_near", [True, False])
def test_who_came_near_is_logged_where_shown_and_all_are_counted(warehouse: str, shows_near: bool) -> None:
    near = [f"PBBBBBBBBBBB{letter}" for letter in "ABCDEFG"]
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "assessments", "indicator_observations", "offence_cases")
        connection.execute(RECORDS.encode())
        enter_release(connection, NEWEST, published_at="now")
        enter_run(connection, NEWEST)
        connection.execute(MEMBER.encode(), [PERSON, NEWEST, None])
        for person_id in near:
            connection.execute(
                MEMBER.replace("'nav', 'personer', 'n1'", f"'politiet', 'personer', '{person_id}'").encode(),
                [person_id, NEWEST, None],
            )
            connection.execute(NEAR, [person_id, NEWEST])
    known = read_explanation(PERSON, "", "en", "Kari Vakt", "a test", shows_near=shows_near)
    assert linkage.explain(PERSON).persons_near == len(near)
    shown = {miss["other_person_id"] for miss in known["near_misses"]}
    assert len(shown) == MAX_NEAR_MISSES
    (event,) = events(warehouse, "consultation")
    assert set(event["persons"]) == ({PERSON, *shown} if shows_near else {PERSON})


@pytest.mark.parametrize(
    ("status", "asked", "told"),
    [
        ("recalled", PERSON, f"No release is in force: {NEWEST} was recalled."),
        ("building", PERSON, "No release is out yet."),
        ("published", "PBBBBBBBBBBBB", "The person of that id was erased on 2026-05-02."),
        ("published", "PCCCCCCCCCCCC", "The person of that id was erased on 2026-05-02."),
        ("published", "PDDDDDDDDDDDD", "The person of that id was erased on 2026-05-02."),
    ],
)
def test_where_nothing_is_told_it_says_why(status: str, asked: str, told: str, warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "assessments", "indicator_observations", "offence_cases")
        enter_release(connection, NEWEST, status, published_at=None if status == "building" else "now")
        enter_run(connection, NEWEST)
        connection.execute(MEMBER.encode(), [PERSON, NEWEST, None])
        connection.execute(
            "insert into meta.erasures values (default, 'PBBBBBBBBBBBB', '{}', 1, 'Kari Vakt', 'asked', '2026-05-02')"
        )
        # She was erased by an id that another one took over, and had taken over one.
        connection.execute(
            "insert into linkage.person_id_history values ('PBBBBBBBBBBBB', 'PCCCCCCCCCCCC', '2025-T3.1', 'merged'),"
            " ('PDDDDDDDDDDDD', 'PBBBBBBBBBBBB', '2025-T3.1', 'merged')"
        )
    with pytest.raises(UserError) as refused:
        read_explanation(asked, "", "en", "Kari Vakt", "a test")
    assert refused.value.what == told
