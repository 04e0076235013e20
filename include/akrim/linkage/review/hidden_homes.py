"""Whose home, and which addresses, clerks are not shown: what is protected by now, whatever the staged records say.

Beside what a run found: it makes that anew by older inputs, and reads it on its way.
"""

from typing import Any

import psycopg
from psycopg import sql


def hide_from_clerks(
    connection: psycopg.Connection[Any],
    persons: sql.Composable,
    homes: sql.Composable,
    *,
    keeps_addresses: bool,
) -> None:
    """Show clerks no home of these persons, in place of those before, and none of these homes, in the caller's transaction.

    Args:
        persons: a relation with `person_id`.
        homes: a relation with `street_address` and `postcode`.
        keeps_addresses: whether the addresses that were hidden before stay so.
    """
    connection.execute("delete from linkage.hidden_persons")
    connection.execute(HIDE_PERSONS.format(persons=persons))
    if not keeps_addresses:
        connection.execute("delete from linkage.hidden_addresses")
    hide_addresses_from_clerks(connection, homes)


def hide_addresses_from_clerks(connection: psycopg.Connection[Any], homes: sql.Composable) -> None:
    """Show clerks none of these homes either; `homes` as of `hide_from_clerks`."""
    connection.execute(HIDE_ADDRESSES.format(homes=homes))


HIDE_PERSONS = sql.SQL("insert into linkage.hidden_persons select distinct person_id from {persons}")
HIDE_ADDRESSES = sql.SQL("""
insert into linkage.hidden_addresses
select distinct digest from {homes} cross join lateral meta.protected_address_digests(street_address, postcode) as digest
on conflict do nothing
""")
