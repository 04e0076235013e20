"""PostgreSQL's catalogue, which every login reads: each delivery has tables of its own, and a returned form's id names its centre."""

import psycopg
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.landing import add_partition, prepare_landing
from akrim.warehouse import embedded
from psycopg import sql

from tests.conftest import as_user

FORM = "sentrene-2026-T1.1-bergen-0123456789ab"
PEOPLE = (embedded.OF_CENTRE + "oslo", embedded.CLERK, embedded.AUDITOR)
READABLE = """
select c.relname, array_agg(a.attname::text) from pg_class as c join pg_attribute as a on a.attrelid = c.oid
where c.relnamespace = 'pg_catalog'::regnamespace and (c.relkind = 'r' or c.relname in ('pg_views', 'pg_indexes', 'pg_stats'))
    and a.attnum > 0 and not a.attisdropped and has_column_privilege(c.oid, a.attnum, 'select')
group by 1
"""
BOUNDS = ("select pg_get_expr(relpartbound, oid) from pg_class", "select pg_get_partition_constraintdef(oid) from pg_class")  # fmt: skip


@pytest.fixture
def received(warehouse: str) -> str:
    """A warehouse in which Bergen's form has been received."""
    prepare_landing()
    with psycopg.connect(warehouse) as owner:
        add_partition(owner, load_contracts()["sentrene"].extract("beslutninger"), FORM)
        for bound in BOUNDS:
            assert FORM in str(owner.execute(bound.encode()).fetchall())
    return warehouse


@pytest.mark.parametrize("login", PEOPLE)
def test_no_catalogue_names_a_delivery(received: str, login: str) -> None:
    with psycopg.connect(as_user(received, login), autocommit=True) as connection:
        for bound in BOUNDS:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(bound.encode())
        for catalogue, columns in connection.execute(READABLE.encode()).fetchall():
            query = sql.SQL("select 1 from {} where concat_ws(' ', {}) like %s limit 1").format(
                sql.Identifier("pg_catalog", catalogue),
                sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(column)) for column in columns),
            )
            assert connection.execute(query, [f"%{FORM}%"]).fetchone() is None, catalogue
