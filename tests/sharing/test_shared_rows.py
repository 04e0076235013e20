"""The tables of what centres were sent follow the columns that may be sent."""

import psycopg
from akrim.sharing import prepare_tables
from akrim.sharing.columns import SharedColumn

IN_REACH = "select relname from pg_class where relnamespace = any('{shared,shared_current,shared_rows}'::regnamespace[]) and relkind in ('r', 'v')"


def columns(*names: str) -> list[SharedColumn]:
    return [SharedColumn(name, "{0}", "text") for name in ("release_id", *names)]


def test_a_mart_that_is_taken_off_the_list_leaves_no_row_in_a_logins_reach(warehouse: str) -> None:
    kept = {"persons": columns("person_id")}
    prepare_tables(kept | {"principals": columns("orgnr")})
    with psycopg.connect(warehouse) as connection:
        connection.execute("insert into shared_rows.principals values ('2026-T1.1', '312345678', 'oslo')")
        connection.execute("insert into shared_rows.persons values ('2026-T1.1', 'P1', 'oslo')")
    prepare_tables(kept)
    with psycopg.connect(warehouse) as connection:
        assert {name for (name,) in connection.execute(IN_REACH)} == {"persons"}
        assert connection.execute("select count(*) from shared.persons").fetchone() == (1,)
    prepare_tables(kept | {"principals": columns("orgnr")})
    with psycopg.connect(warehouse) as connection:
        assert connection.execute("select count(*) from shared.principals").fetchone() == (0,)
