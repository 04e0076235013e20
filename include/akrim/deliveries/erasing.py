"""What was delivered about persons whom the agencies have removed, taken out of every older delivery.

An extract's state is its newest rows, so that rows of removed keys count for nothing any more; but they lie there still.
"""

from collections.abc import Iterable

import psycopg
from psycopg import sql

from akrim.contracts import Column, Extract, load_contracts
from akrim.deliveries.state.protection import forget_protections


def erase_rows(connection: psycopg.Connection, records: Iterable[tuple[str, str, str]]) -> int:
    """Delete the delivered rows of these records and of their children, in landing and in quarantine.

    Args:
        records: agency, extract and key of each; none may stand in the extract's state any more.

    Returns how many rows went. A row that only says that its key was removed stays, without its other fields.
    """
    return sum(_erase(connection, *record) for record in records)


def _erase(connection: psycopg.Connection, agency: str, name: str, key: str) -> int:
    extracts = load_contracts()[agency].extracts
    own = next(extract for extract in extracts if extract.name == name)
    forget_protections(connection, own, key)
    found = _erase_from(connection, own, own.key, key)
    for child in extracts:
        for column, parent in child.parents:
            if parent == name:
                found += _erase_from(connection, child, column, key)
    return found


def _erase_from(connection: psycopg.Connection, extract: Extract, column: Column, key: str) -> int:
    table, at = sql.Identifier("landing", extract.table), sql.Identifier(column.name)
    emptied = sql.SQL(", ").join(
        sql.SQL("{} = null").format(sql.Identifier(other.name))
        for other in extract.columns
        if not other.is_key
    )
    removal = sql.SQL("update {} set {} where {} = %s and is_removed").format(table, emptied, at)
    connection.execute(removal, [key])
    rows = connection.execute(
        sql.SQL("delete from {} where {} = %s and not is_removed").format(table, at), [key]
    )
    set_aside = connection.execute(
        "update quarantine.rows as q set raw = null from meta.deliveries as d"
        " where (d.delivery_id, d.manifest_sha256) = (q.delivery_id, q.manifest_sha256) and d.agency = %s"
        " and q.extract = %s and q.raw ->> %s = %s",
        [extract.agency, extract.name, column.path, key],
    )
    return rows.rowcount + set_aside.rowcount
