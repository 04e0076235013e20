"""What was delivered about persons whom the agencies have removed, taken out of every older delivery.

An extract's state is its newest rows, so that rows of removed keys count for nothing any more; but they lie there still.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import Column, Extract, all_extracts, load_contracts
from akrim.deliveries.removal.held_keys import REGISTER, keys_of
from akrim.deliveries.removal.mentions import naming
from akrim.deliveries.removal.passed_on import (
    children,
    moved,
    no_longer_lying,
    own_and_children,
    person_numbers,
    rows_before,
    rows_then,
)
from akrim.deliveries.removal.records import Before, Lying, Record
from akrim.deliveries.removal.set_aside import TEXT_OF_NUMBERS, described
from akrim.deliveries.state.protection import forget_protections
from akrim.deliveries.state.sequence import newest_sequence
from akrim.warehouse import has_table


class ErasedRows(NamedTuple):
    """How many rows were erased, the records they belonged to, and the person's enterprises, which bore her name.

    `naming`: patterns that match texts in which she is named.
    """

    rows: int
    keys: list[Record]
    enterprises: list[str]
    naming: Sequence[str] = ()
    numbers: Sequence[str] = ()


def erase_rows(
    connection: psycopg.Connection,
    records: Iterable[Record],
    person_ids: Sequence[str],
    before: Sequence[Before] = (),
    of_others: Sequence[Before] = (),
) -> ErasedRows:
    """Delete the delivered rows of a person in landing and in quarantine.

    These are the rows of her records and of their children, others with her numbers, such as of a key that is another's by now, with
    what belonged to them, what centres decided on her or wrote of her, what the register said of her sole proprietorships that it no
    longer delivers, others' roles in them too, and raw rows set aside that are about either.

    Args:
        records: agency, extract and key of each; none may stand in the extract's state any more.
        person_ids: the person's ids.
        before: records that were hers, whose keys are another's by now.
        of_others: records of hers whose keys were another's before, whose rows of then stay.

    A row that only says that its key was removed stays, without its other fields.

    Raises UserError where rows lie there that no contract describes any more.
    """
    every, records, staying = list(records), described(connection, records), _staying(of_others)
    rows_of_before, rows_of_others = rows_before(connection, before), rows_before(connection, of_others)
    numbers = person_numbers(connection, records, before)
    enterprises = sole_proprietorships(connection, records)
    names = naming(connection, records, rows_of_before, rows_of_others, person_ids)
    keys = [*_keys(connection, records), *((REGISTER, "enheter", orgnr) for orgnr in enterprises)]
    _forget_said(connection, every, before, staying, numbers)
    rows = sum(_erase(connection, *record, staying.get(record, ())) for record in records)
    of_moved, moved = _erase_moved(connection, records, numbers, rows_of_before)
    rows += of_moved
    keys += no_longer_lying(connection, moved)
    rows += _erase_decided(connection, person_ids, enterprises)
    rows += _erase_enterprises(connection, enterprises) if enterprises else 0
    rows += connection.execute(FORGET_NUMBERS, [[f"%{number}%" for number in numbers]]).rowcount
    for statement in FORGET_MENTIONS:
        connection.execute(statement, [names])
    return ErasedRows(rows, keys, enterprises, names, numbers)


def _staying(of_others: Iterable[Before]) -> dict[Record, list[str]]:
    """By record the deliveries in which its key was another's, or one after the other several others'."""
    staying: dict[Record, list[str]] = defaultdict(list)
    for agency, name, key, delivery_ids, _ in of_others:
        staying[agency, name, key] += delivery_ids
    return dict(staying)


def _forget_said(
    connection: psycopg.Connection,
    records: Iterable[Record],
    before: Iterable[Before],
    staying: Mapping[Record, Sequence[str]],
    numbers: Sequence[str],
) -> None:
    """What was said of her home; and raw rows set aside under a key that is another's by now, of when it was hers.

    Args:
        staying: by record the deliveries that say of its key what is another's.
    """
    for record in records:
        others = staying.get(record)
        said = connection.execute(SAID, [record[0], list(others)]).fetchall() if others else ()
        forget_protections(connection, record, numbers, [row[0] for row in said] if others else None)
    for agency, name, key, delivery_ids, _ in before:
        forget_protections(connection, (agency, name, key), numbers, delivery_ids)
        _forget_set_aside_of(connection, agency, name, key, delivery_ids)


def _keys(connection: psycopg.Connection, records: Sequence[Record]) -> list[Record]:
    """These records and those of their children."""
    return [
        (agency, extract, key)
        for agency in sorted({source for source, _, _ in records})
        for extract, found in keys_of(connection, agency, records).items()
        for key in sorted(found)
    ]


def _erase(connection: psycopg.Connection, agency: str, name: str, key: str, staying: Sequence[str]) -> int:
    """Erase the key's rows and their children, but those of the deliveries in `staying`."""
    return sum(
        _erase_from(connection, extract, column, [key], staying)
        for extract, column in own_and_children(agency, name)
    )


def _erase_moved(
    connection: psycopg.Connection, records: Sequence[Record], numbers: Sequence[str], before: Lying
) -> tuple[int, set[Record]]:
    """What else was delivered of her or with her numbers, under keys that are another's by now; returns how many rows, and what belonged to them."""
    rows, keys = 0, set()
    for (agency, name), then in before.items():
        extract = load_contracts()[agency].extract(name)
        keys |= {(agency, name, key) for key, _ in then}
        rows += _erase_then(connection, extract, then) if then else 0
    for extract, borne in moved(connection, records, numbers):
        for child, column in children(extract):
            then = rows_then(connection, extract, child, column, borne)
            keys |= {(child.agency, child.name, key) for key, _ in then}
            rows += _erase_then(connection, child, then) if then else 0
        for column in extract.columns_meaning("personNumber"):
            rows += _erase_from(connection, extract, column, sorted({number for _, number in borne}))
    return rows, keys


def _erase_then(connection: psycopg.Connection, extract: Extract, then: Iterable[tuple[str, str]]) -> int:
    """Delete the rows of these keys and deliveries, and no others of the keys."""
    names = {"table": sql.Identifier("landing", extract.table), "key": sql.Identifier(extract.key.name)}
    keys, delivery_ids = zip(*then, strict=True)
    return connection.execute(sql.SQL(FORGET_THEN).format(**names), [list(keys), list(delivery_ids)]).rowcount


def _erase_decided(
    connection: psycopg.Connection, person_ids: Sequence[str], enterprises: Sequence[str]
) -> int:
    """What names a person by our own id or her enterprise, and the text of decisions on a group that she had a part in, which may name her."""
    values = {"person": person_ids, "group": enterprises}
    if has_table(connection, "marts.roles"):
        connection.execute(FORGET_TEXT, [list(person_ids)])
        connection.execute(FORGET_TEXT_SET_ASIDE, [list(person_ids)])
    return sum(
        _erase_from(connection, extract, column, values[column.meaning])
        for extract in all_extracts()
        for column in extract.columns
        if column.meaning in values
    )


def _erase_enterprises(connection: psycopg.Connection, enterprises: list[str]) -> int:
    """Every row of the register that bears the number of one, but for what the register still delivers of others."""
    pins, rows = _register_pins(connection), 0
    for extract in load_contracts()[REGISTER].extracts:
        for column in extract.columns_meaning("orgnr"):
            names = {
                "table": sql.Identifier("landing", extract.table),
                "state": sql.Identifier("state", extract.table),
                "column": sql.Identifier(column.name),
                "key": sql.Identifier(extract.key.name),
            }
            forgetting = sql.SQL(FORGET_ENTERPRISES).format(**names)
            rows += connection.execute(forgetting, [enterprises, pins]).rowcount
            rows += _forget_set_aside(connection, extract, column, enterprises)
    return rows


FORGET_TEXT = """
update landing.sentrene_gruppebeslutninger set tiltak = null
where string_to_array(foretak, ' ') && array(select orgnr from marts.roles where person_id = any(%s))
"""
FORGET_TEXT_SET_ASIDE = """
update quarantine.rows set raw = null
where extract = 'gruppebeslutninger'
    and string_to_array(raw ->> 'foretak', ' ') && array(select orgnr from marts.roles where person_id = any(%s))
"""


# What was decided on others stays; what was written of it goes where it names her.
FORGET_MENTIONS = (
    """update landing.sentrene_beslutninger set tiltak = null where lower(tiltak collate "pg_c_utf8") ~ any(%s)""",
    """update landing.sentrene_gruppebeslutninger set tiltak = null where lower(tiltak collate "pg_c_utf8") ~ any(%s)""",
    """
    update quarantine.rows set raw = null
    where extract in ('beslutninger', 'gruppebeslutninger') and lower((raw ->> 'tiltak') collate "pg_c_utf8") ~ any(%s)
    """,
)


def _erase_from(
    connection: psycopg.Connection,
    extract: Extract,
    column: Column,
    values: Sequence[str],
    staying: Sequence[str] = (),
) -> int:
    table, at = sql.Identifier("landing", extract.table), sql.Identifier(column.name)
    emptied = sql.SQL(", ").join(
        sql.SQL("{} = null").format(sql.Identifier(other.name))
        for other in extract.columns
        if not other.is_key
    )
    of = sql.SQL("{} = any(%s) and delivery_id <> all(%s)").format(at)
    about = [list(values), list(staying)]
    connection.execute(sql.SQL("update {} set {} where {} and is_removed").format(table, emptied, of), about)
    rows = connection.execute(sql.SQL("delete from {} where {} and not is_removed").format(table, of), about)
    return rows.rowcount + _forget_set_aside(connection, extract, column, values, staying)


def _forget_set_aside_of(
    connection: psycopg.Connection, agency: str, name: str, key: str, delivery_ids: Sequence[str]
) -> None:
    """Raw rows of these deliveries that were set aside and have the key, or belong to it."""
    for extract, column in own_and_children(agency, name):
        connection.execute(FORGET_OF, [extract.name, list(delivery_ids), column.path, key, key])


def _forget_set_aside(
    connection: psycopg.Connection,
    extract: Extract,
    column: Column,
    values: Sequence[str],
    staying: Sequence[str] = (),
) -> int:
    return connection.execute(
        "update quarantine.rows as q set raw = null from meta.deliveries as d"
        " where (d.delivery_id, d.manifest_sha256) = (q.delivery_id, q.manifest_sha256) and d.agency = %s"
        # of a record with too many or too few fields it is not known which is which
        " and q.extract = %s and (q.raw ->> %s = any(%s) or q.raw -> 'fields' ?| %s) and q.delivery_id <> all(%s)",
        [extract.agency, extract.name, column.path, list(values), list(values), list(staying)],
    ).rowcount


def sole_proprietorships(connection: psycopg.Connection, records: Iterable[Record]) -> list[str]:
    """The person's sole proprietorships that the register no longer delivers: they bear her name, and often her address."""
    roles = [key for source, extract, key in records if (source, extract) == (REGISTER, "roller")]
    if not roles:
        return []
    return [
        row[0]
        for row in connection.execute(SOLE_PROPRIETORSHIPS, [roles, _register_pins(connection)]).fetchall()
    ]


def _register_pins(connection: psycopg.Connection) -> list[str]:
    return newest_sequence(connection, REGISTER, is_append_only=False)


# One that was set aside is known by the role of its owner alone, which is only in a sole proprietorship (INNH).
SOLE_PROPRIETORSHIPS = """
select distinct r.organisasjonsnummer from landing.brreg_roller as r
left join landing.brreg_enheter as e using (organisasjonsnummer)
where r.rolle_id = any(%s) and r.type_kode = 'INNH' and coalesce(e.organisasjonsform_kode = 'ENK', true)
    and not exists (select from state.brreg_enheter(%s) as s where s.organisasjonsnummer = r.organisasjonsnummer)
order by 1
"""
SAID = "select delivery_id from meta.deliveries where agency = %s and delivery_id <> all(%s)"
FORGET_OF = """
update quarantine.rows set raw = null
where extract = %s and delivery_id = any(%s) and (raw ->> %s = %s or raw -> 'fields' ? %s)
"""
FORGET_THEN = """
delete from {table} where not is_removed and ({key}, delivery_id) in (select * from unnest(%s::text[], %s::text[]))
"""
FORGET_ENTERPRISES = """
delete from {table} as r where {column} = any(%s) and not exists (select from {state}(%s) as s where s.{key} = r.{key})
"""
FORGET_NUMBERS = sql.SQL("update quarantine.rows set raw = null where {} like any(%s)").format(
    TEXT_OF_NUMBERS
)
