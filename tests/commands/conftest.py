"""An analyst's connection to a warehouse with a mart, and with tables that are not for analysts."""

import psycopg
import pytest
from akrim.warehouse import embedded

from tests.conftest import as_user

TABLES = """
create table marts.samples (release_id text, is_yes boolean, amount numeric, rate double precision, evidence jsonb,
    codes text[], day date, span interval);
insert into marts.samples values ('2025-T3.1', true, -1.50, 0.25, '[{"agency": "nav", "rows": [1, 2]}]',
    array['a', 'b"c', null], '2025-12-31', '1 day 02:00'), (null, false, null, null, null, null, null, null);
create table intermediate.person_records (identifier text);
create table landing.secrets (ident text);
"""


@pytest.fixture
def analyst(warehouse: str) -> psycopg.Connection:
    """A connection as the analysts' login, as psql or a notebook would make one."""
    with psycopg.connect(warehouse) as connection:
        connection.execute(TABLES)
    return psycopg.connect(as_user(warehouse, embedded.ANALYST), autocommit=True)
