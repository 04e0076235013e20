"""The id that a form gives a decision, said once in Python and once in SQL, and what a decision may be about."""

from collections.abc import Callable

import psycopg
import pytest
from akrim.contracts import GROUP_DECISIONS, decision_extracts
from akrim.deliveries.decisions import decision_id
from akrim.deliveries.decisions.handed_out import DECISION_ID, lay_handed_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver
from tests.deliveries.forms import DECISION, fill_in, make_form

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, NAMES, NAMES)
def test_both_say_the_same(warehouse: str, release_id: str, centre_id: str, subject_id: str) -> None:
    query = sql.SQL(
        "select {} from (select %s::text as release_id, %s::text as centre_id, %s::text as subject_id) as p"
    ).format(DECISION_ID)
    with psycopg.connect(warehouse) as connection:
        found = connection.execute(query, [release_id, centre_id, subject_id]).fetchone()
    assert found == (decision_id(release_id, centre_id, subject_id),)


@pytest.mark.parametrize(
    ("centre", "agency", "category", "named"),
    [
        ("bergen", "brreg", "role", "1346789"),
        ("oslo", "brreg", "name", "1346789"),
        ("oslo", "brreg", "role", "9"),
        ("oslo", "nav", "nomination", "134678"),
        ("oslo", "brreg", "nomination", "1346789"),
    ],
)
def test_of_enterprises_those_that_the_centre_was_told_of_may_be_decided_on(
    centre: str, agency: str, category: str, named: str, warehouse: str
) -> None:
    """N1 is on Oslo's list, N2 is not; a listed person has a role in the holding 3, which leads 4, that 6, and that 3; 3 shares an address with
    5; and NAV has nominated 9."""
    extract = next(extract for extract in decision_extracts() if extract.name == GROUP_DECISIONS)
    asked = [f"('d{n}', 'R1', 'oslo', '{n}')" for n in "123456789"]
    with psycopg.connect(warehouse) as connection:
        connection.execute(
            """
            create schema if not exists marts;
            create table marts.nominations as select 'R1' as release_id, 'oslo' as centre_id, 'nav' as agency, '9' as orgnr;
            create table marts.withheld_data (release_id text, withheld_from text, agency text, category text);
            create table marts.assessments as select 'R1' as release_id, 'oslo' as centre_id, 'p' as person_id;
            create table marts.roles as select 'R1' as release_id, 'p' as person_id, '3' as orgnr;
            create table marts.straw_man_ties as select 'R1' as release_id, 'p' as person_id, '7' as orgnr;
            create table marts.network_assessments as select 'R1' as release_id, 'oslo' as centre_id, 'N1' as network_id;
            create table marts.network_members as
            select 'R1' as release_id, network_id, member_kind, member_id
            from (values ('N1', 'enterprise', '1'), ('N2', 'enterprise', '2')) as m (network_id, member_kind, member_id);
            create table marts.network_ties as
            select 'R1' as release_id, 'enterprise' as from_kind, from_id, to_id, tie
            from (values ('3', '4', 'leading_role'), ('3', '5', 'shared_address'), ('4', '6', 'leading_role'),
                ('6', '3', 'leading_role'), ('7', '8', 'leading_role')) as t (from_id, to_id, tie)
            """
        )
        connection.execute(
            "insert into marts.withheld_data values ('R1', %s, %s, %s)", [centre, agency, category]
        )
        connection.execute("create schema scratch")
        connection.execute("set local search_path to scratch")
        connection.execute(
            sql.SQL(
                "create table {} as select * from (values {}) as r (beslutning_id, release_id, senter, gruppe_id)"
            ).format(sql.Identifier(extract.name), sql.SQL(", ".join(asked)))
        )
        lay_handed_out(connection, extract)
        found = connection.execute("select distinct subject_id from handed_out order by 1").fetchall()
        connection.rollback()
    assert "".join(subject for (subject,) in found) == named


@pytest.mark.parametrize("status", ["superseded", "recalled"])
def test_what_was_out_may_be_decided_on_whatever_became_of_it(
    receiver: Receiver, published: Callable[[], None], status: str
) -> None:
    """By a system's file and by a form: a centre may decide before it is told."""
    published()
    receiver.run(f"update meta.releases set status = '{status}'")
    full_delivery("sentrene", 2).write(receiver.inbox)
    fill_in(make_form(), receiver.inbox / "sentrene" / "svar.xlsx", {}, {}, DECISION)
    assert [o.status for o in receiver(agency="sentrene")] == ["accepted"] * 2
    found = receiver.rows("select distinct person_id from landing.sentrene_beslutninger order by 1")
    assert [row["person_id"] for row in found] == ["PPERSON1", "PPERSON3"]
