"""What is counted or looked at by rules that are withheld from a centre, here or on other lists, is not told it."""

import json

import psycopg
import pytest
from akrim.sharing import Tables, read_tables, shared_columns
from akrim.texts import texts
from psycopg.types.json import Jsonb

from tests.releases import world

# As if the partner in Bergen were on no list, and somebody far off began the network: each is another centre's doing.
ELSEWHERE = """
update marts.networks set network_id = 'N0', persons = 9, enterprises = 8, active_enterprises = 7, assessed_persons = 1,
    ties = 30, kind = 'loose', first_date = '2001-01-01', centres = '{oslo}', most_central_person_id = 'p-serial';
update marts.network_members set network_id = 'N0', tie_count = tie_count + 2, neighbour_count = neighbour_count + 1,
    centrality = 0.1, is_assessed = member_id = 'p-serial';
update marts.network_ties set network_id = 'N0';
update marts.network_assessments set network_id = 'N0';
update marts.group_observations set group_id = 'N0' where group_kind = 'network';
update marts.group_members set group_id = 'N0' where group_kind = 'network';
update marts.group_decisions set group_id = 'N0' where group_kind = 'network';
update marts.exposed_workers set actor_count = actor_count + 3;
update marts.principals set actor_count = actor_count + 2, is_principal_led_by_actor = not is_principal_led_by_actor;
update marts.goal_indicators set numerator = numerator + 5, value = value + 5 where measure ~ '^B[23]';
insert into marts.coordination (release_id, person_id, agencies_that_know, agencies_with_open_matters, open_matters)
select release_id, 'p-decided', '{nav}', '{}', 0 from marts.releases;
"""


def both(database: str, withheld: bool) -> tuple[Tables, Tables]:
    """Oslo's tables before and after."""
    with psycopg.connect(database) as connection:
        if withheld:
            connection.execute(
                "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)"
                " values (%s, 'oslo', 'convicted', 'nothing')", [world.SECOND],
            )  # fmt: skip
    before = read_tables(world.SECOND, "oslo", shared_columns())
    with psycopg.connect(database) as connection:
        connection.execute(ELSEWHERE)
    return before, read_tables(world.SECOND, "oslo", shared_columns())


def test_with_a_rule_withheld_nothing_tells_who_is_on_other_lists(golden_copy: str) -> None:
    before, after = both(golden_copy, withheld=True)
    assert {name for name in before if before[name] != after[name]} == set()
    (network,) = before["networks"].to_pylist()
    assert network["persons"] is network["centres"] is None
    ids = {
        row["network_id"]
        for name in ("networks", "network_members", "network_ties")
        for row in before[name].to_pylist()
    }
    assert ids == {network["network_id"]}
    assert before["network_ties"].num_rows > 3


def test_with_every_rule_told_the_figures_are_those_of_the_whole(golden_copy: str) -> None:
    before, after = both(golden_copy, withheld=False)
    differing = {name for name in before if before[name] != after[name]}
    assert {"networks", "network_members", "network_ties", "exposed_workers", "principals"} <= differing
    assert before["networks"].to_pylist()[0]["persons"] == 2


def told_of_serial(database: str, withheld: str) -> list[str]:
    """The dimensions of what Oslo is told of the first on its list, with these rules withheld from it."""
    with psycopg.connect(database) as connection:
        connection.execute("delete from marts.withheld_rules")
        connection.execute(
            "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)"
            " select distinct release_id, 'oslo', indicator_code, 'nothing' from marts.indicator_observations"
            f" where release_id = %s and dimension = 'intention' and {withheld}".encode(), [world.SECOND],
        )  # fmt: skip
    rows = read_tables(world.SECOND, "oslo", shared_columns())["indicator_observations"].to_pylist()
    return sorted({row["dimension"] for row in rows if row["person_id"] == world.SERIAL})


def test_capacity_is_not_told_where_what_made_it_count_is_not(golden_copy: str) -> None:
    """Who has few points by what is told has more by what is not, if capacity was looked at."""
    assert told_of_serial(golden_copy, "false") == ["capacity", "intention"]
    assert told_of_serial(golden_copy, "indicator_code = 'arrears'") == ["capacity", "intention"]
    assert told_of_serial(golden_copy, "indicator_code <> 'arrears'") == ["intention"]
    assert told_of_serial(golden_copy, "true") == []


def test_that_rules_were_looked_at_is_not_told_where_what_made_them_is_not(golden_copy: str) -> None:
    """Of somebody who is on the list by a status, and of whom nothing is found but by a rule that is not told."""
    with psycopg.connect(golden_copy) as connection:
        connection.execute(
            "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told)"
            " values (%s, 'oslo', 'convicted', 'nothing')", [world.SECOND],
        )  # fmt: skip
        connection.execute("delete from marts.indicator_observations where person_id = %s", [world.NEWCOMER])
    before = read_tables(world.SECOND, "oslo", shared_columns())
    with psycopg.connect(golden_copy) as connection:
        connection.execute(
            "insert into marts.indicator_observations (release_id, person_id, indicator_code, dimension, checked, points)"
            " values (%(release)s, %(person)s, 'convicted', 'intention', 'fired', 10), (%(release)s, %(person)s, 'arrears', 'intention', 'clear', 0)",
            {"release": world.SECOND, "person": world.NEWCOMER},
        )
    after = read_tables(world.SECOND, "oslo", shared_columns())
    assert {name for name in before if before[name] != after[name]} == set()
    assert before["indicator_observations"].num_rows


OBSERVE = """insert into marts.indicator_observations (release_id, person_id, indicator_code, dimension, checked, points, explanation_nb)
    values (%s, %s, 'convicted', 'intention', %s, 0, %s)"""


def test_of_a_rule_that_is_told_as_a_hit_no_dispute_is_told(golden_copy: str) -> None:
    """Neither of somebody whom another rule has found, nor of whom nothing is found."""
    disputed = [{"case_id": "K-1", "agency": "politiet", "extract": "saker", "source_row_id": "S-1"}]
    with psycopg.connect(golden_copy) as connection:
        pins = Jsonb({"withheld": {"oslo": {"politiet.criminal_offence": "hit"}}})
        connection.execute("update meta.releases set pins = pins || %s", [pins])
        connection.execute(
            "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told) values (%s, 'oslo', 'convicted', 'hit')",
            [world.SECOND],
        )
        connection.execute("delete from marts.indicator_observations where person_id = %s or indicator_code = 'convicted'", [world.NEWCOMER])  # fmt: skip
        connection.execute(OBSERVE, [world.SECOND, world.HOSTILE, "fired", "Dømt."])
        connection.execute(OBSERVE, [world.SECOND, world.SERIAL, "clear", "Ingenting funnet."])
    before = read_tables(world.SECOND, "oslo", shared_columns())
    with psycopg.connect(golden_copy) as connection:
        connection.execute(
            "update marts.indicator_observations set checked = 'unavailable', explanation_nb = 'Bestridt.' where checked = 'clear' and indicator_code = 'convicted'"
        )
        connection.execute(OBSERVE, [world.SECOND, world.NEWCOMER, "unavailable", "Bestridt."])
        connection.execute("update marts.assessments set disputes = %s", [json.dumps(disputed)])
    after = read_tables(world.SECOND, "oslo", shared_columns())
    assert {name for name in before if before[name] != after[name]} == set()
    told = {
        row["person_id"]: (row["checked"], row["explanation_nb"].partition(".")[0])
        for row in before["indicator_observations"].to_pylist()
        if row["indicator_code"] == "convicted"
    }
    assert told == {world.SERIAL: ("no_hit", "Ikke treff"), world.HOSTILE: ("hit", "Treff")}


@pytest.mark.parametrize(
    ("why", "told"), [("not_delivered", "unavailable"), ("not_shared", "unavailable"), ("disputed", "no_hit")]
)
def test_a_rule_that_could_be_checked_for_nobody_is_no_hit_and_no_miss(
    why: str, told: str, golden_copy: str
) -> None:
    """Where everybody who was looked at disputes it, it could have been checked for others."""
    said = texts("nb", "rules")["unmet"][why].format(agencies="Politiet")
    with psycopg.connect(golden_copy) as connection:
        connection.execute(
            "insert into marts.withheld_rules (release_id, withheld_from, indicator_code, told) values (%s, 'oslo', 'convicted', 'hit')",
            [world.SECOND],
        )
        connection.execute("delete from marts.indicator_observations where indicator_code = 'convicted'")
        for release_id, checked in ((world.FIRST, "clear"), (world.SECOND, "unavailable")):
            connection.execute(OBSERVE, [release_id, world.SERIAL, checked, said])
    rows = read_tables(world.SECOND, "oslo", shared_columns())["indicator_observations"].to_pylist()
    found = [(row["checked"], row["explanation_nb"]) for row in rows if row["indicator_code"] == "convicted"]
    assert found == [(told, said if told == "unavailable" else texts("nb", "rules")["unmet"][told])]
