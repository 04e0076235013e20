"""A connection of the pipeline's is used again, and nobody notices."""

import os

import psycopg
import pytest
from akrim.warehouse import connect
from psycopg.conninfo import conninfo_to_dict

from tests.conftest import superuser

SERVER_PROCESS = "select pg_backend_pid()"


def test_a_connection_is_used_again_with_nothing_left_of_its_last_use(warehouse: str) -> None:
    del warehouse
    with connect() as connection:
        ((first,),) = connection.execute(SERVER_PROCESS).fetchall()
        connection.execute("create temporary table left_over (word text)")
        connection.execute("set search_path to audit")
        connection.execute("select pg_advisory_lock(7)")
    left = """
        select pg_backend_pid(), to_regclass('pg_temp.left_over')::text, current_setting('search_path'),
            (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())
    """
    with connect() as connection:
        assert connection.execute(left).fetchall() == [(first, None, '"$user", public', 0)]


def test_a_connection_in_anothers_block_is_another_and_both_are_used_again(warehouse: str) -> None:
    del warehouse
    used = []
    for _ in range(2):
        with connect() as outer, connect() as inner:
            used.append({pid for one in (outer, inner) for (pid,) in one.execute(SERVER_PROCESS).fetchall()})
    assert len(used[0]) == 2
    assert used[0] == used[1]


def test_a_connection_whose_block_failed_is_rolled_back_and_not_used_again(warehouse: str) -> None:
    del warehouse
    with pytest.raises(psycopg.errors.DivisionByZero), connect() as failing:
        failing.execute("create table public.half_made as select 1 / 0")
    with connect() as connection:
        assert connection is not failing
        assert connection.execute("select to_regclass('public.half_made')").fetchall() == [(None,)]


def test_in_the_place_of_a_connection_that_was_lost_meanwhile_there_is_another(
    warehouse: str, server: str
) -> None:
    with connect() as connection:
        ((first,),) = connection.execute(SERVER_PROCESS).fetchall()
    with superuser(server, conninfo_to_dict(warehouse)["dbname"]) as administrator:
        administrator.execute("select pg_terminate_backend(%s, 5000)", [first])
    with connect() as connection:
        assert connection.execute(SERVER_PROCESS).fetchall() != [(first,)]


def test_a_forked_process_uses_none_of_its_parents(warehouse: str) -> None:
    del warehouse
    with connect() as connection:
        ((own,),) = connection.execute(SERVER_PROCESS).fetchall()
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        with connect() as connection:
            os.write(write, str(connection.execute(SERVER_PROCESS).fetchall()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100).decode() != str([(own,)])
    with connect() as connection:  # and the parent's still stands
        assert connection.execute(SERVER_PROCESS).fetchall() == [(own,)]
    os.close(read)
    os.close(write)
