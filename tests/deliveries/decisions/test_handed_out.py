"""The id that a form gives a decision, said once in Python and once in SQL."""

import psycopg
from akrim.deliveries.decisions import decision_id
from akrim.deliveries.decisions.handed_out import DECISION_ID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(NAMES, NAMES, NAMES)
def test_both_say_the_same(warehouse: str, release_id: str, centre_id: str, subject_id: str) -> None:
    query = sql.SQL(
        "select {} from (select %s::text as release_id, %s::text as centre_id, %s::text as subject_id) as p"
    ).format(DECISION_ID)
    with psycopg.connect(warehouse) as connection:
        found = connection.execute(query, [release_id, centre_id, subject_id]).fetchone()
    assert found == (decision_id(release_id, centre_id, subject_id),)
