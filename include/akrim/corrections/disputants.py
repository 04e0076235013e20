"""Finds out who disputes a row.

A row may concern one person, such as an `involverte` row, or several, such as a police case with several suspects or
anything about an enterprise; then the clerk has to name the person. A dispute is tied to a person record, since a person's
id may change and a record's does not.
"""

from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import Contract, Extract, extracts_by_name, load_contracts
from akrim.errors import UserError
from akrim.linkage.review import RecordKey
from akrim.warehouse import read_rows

# Categories of which a row about a person has some; a role held by an enterprise has none.
IDENTITY = ("person_number", "name", "birth_date")


class Disputant(NamedTuple):
    """A record of the person who disputes a row, and whether the row is about that person alone."""

    record: RecordKey
    is_own_row: bool


def disputant_of(
    connection: psycopg.Connection, extract: Extract, source_row_id: str, person: str
) -> Disputant:
    """Who disputes a row that was delivered.

    Args:
        person: a person id or the source/id of a person record; empty where the row concerns one person.

    Raises UserError where nobody is named and the row does not concern exactly one person, or the named one is unknown.
    """
    row = _newest_row(connection, extract, source_row_id)
    concerned, is_own_row = _concerned(connection, extract, row)
    named = _record_named(connection, person, extract.agency) if person else None
    if named is None and len(concerned) != 1:
        raise UserError(
            "The row concerns more than one person, or an enterprise: name the person who disputes it.",
            f"{extract.agency}/{extract.name}",
            "Give --person with a person id or the source/id of a record, as `akrim explain` shows them.",
        )
    if not is_own_row:
        return Disputant(_tied_to(connection, named, concerned), False)
    if named and _person_of(connection, named) != _person_of(connection, concerned[0]):
        return Disputant(named, False)
    return Disputant(_remaining_record(connection, extract, concerned[0]), True)


def records_shown(case: dict[str, Any]) -> set[tuple[str, str]]:
    """The records of persons that a case names, by source and id: of who disputes it, what it is kept apart from, and the row where it is one."""
    shown = {(source, key) for source, _, key in (other.partition("/") for other in case["kept_apart_from"])}
    if case["person_source"]:
        shown.add((case["person_source"], case["person_source_record_id"]))
    extract = extracts_by_name().get((case["agency"], case["extract"]))
    if extract and _describes_persons(extract):
        shown.add((case["agency"], case["source_row_id"]))
    return shown


def _tied_to(
    connection: psycopg.Connection, named: RecordKey | None, concerned: list[RecordKey]
) -> RecordKey:
    """The record that the row concerns of the named person, who may have others: where they part later, the row is this one's."""
    if named is None or named in concerned:
        return named or concerned[0]
    person = _person_of(connection, named)
    return next((record for record in concerned if _person_of(connection, record) == person), named)


def _concerned(
    connection: psycopg.Connection, extract: Extract, row: dict[str, Any]
) -> tuple[list[RecordKey], bool]:
    """The persons whom a row concerns, if known from the row; and whether it is about one person alone."""
    contract = load_contracts()[extract.agency]
    if decided_on := extract.columns_meaning("person"):
        return [_record_named(connection, row[decided_on[0].name], extract.agency)], True
    if _describes_persons(extract):
        is_person = any(row[c.name] for c in extract.columns if c.category in IDENTITY)
        return [RecordKey(extract.agency, row[extract.key.name])] if is_person else [], is_person
    involved = _involved(connection, contract, extract, row)
    if involved:
        return involved, False
    enterprises = extract.columns_meaning("orgnr")
    if any(row[column.name] for column in enterprises):
        return [], False
    own = [RecordKey(extract.agency, row[c.name]) for c in _person_columns(contract, extract) if row[c.name]]
    return own, bool(own) and not enterprises


def _describes_persons(extract: Extract) -> bool:
    return bool(extract.columns_meaning("personNumber"))


def _person_columns(contract: Contract, extract: Extract) -> list[Any]:
    """The columns that point to a record of a person."""
    return [column for column, parent in extract.parents if _describes_persons(contract.extract(parent))]


def _involved(
    connection: psycopg.Connection, contract: Contract, extract: Extract, row: dict[str, Any]
) -> list[RecordKey]:
    """The persons tied to this row by child rows, such as a case's `involverte`."""
    found = set()
    for child in contract.extracts:
        above = [column for column, parent in child.parents if parent == extract.name]
        if not above or _describes_persons(child):
            continue
        for column in _person_columns(contract, child):
            query = sql.SQL("select distinct {} from landing.{} where {} = %s and not is_removed").format(
                sql.Identifier(column.name), sql.Identifier(child.table), sql.Identifier(above[0].name)
            )
            found |= {row[0] for row in connection.execute(query, [row[extract.key.name]]).fetchall()}
    return [RecordKey(extract.agency, key) for key in sorted(found)]


def _newest_row(connection: psycopg.Connection, extract: Extract, source_row_id: str) -> dict[str, Any]:
    query = sql.SQL(
        "select r.* from landing.{} as r left join meta.deliveries as d using (delivery_id)"
        " where r.{} = %s order by r.is_removed, d.delivered_at desc nulls last, r.delivery_id desc limit 1"
    ).format(sql.Identifier(extract.table), sql.Identifier(extract.key.name))
    return read_rows(connection, query, [source_row_id])[0]


def _record_named(connection: psycopg.Connection, person: str, agency: str) -> RecordKey:
    """The record given as source/id; for a person id, a record of the row's own agency is preferred."""
    if "/" in person:
        record = RecordKey.parse(person)
        if _person_of(connection, record):
            return record
    else:
        row = connection.execute(RECORD_OF_PERSON, [person, agency]).fetchone()
        if row:
            return RecordKey(*row)
    raise UserError(
        "There is no such person or record.",
        "--person",
        "Write a person id or the source/id of a record, as `akrim explain` shows them.",
    )


def _remaining_record(connection: psycopg.Connection, extract: Extract, record: RecordKey) -> RecordKey:
    """A record that stays while the row is left out: another one, if the row itself is a record."""
    if not _describes_persons(extract):
        return record
    row = connection.execute(JOINED, record).fetchone()
    return RecordKey(*row) if row else record


def _person_of(connection: psycopg.Connection, record: RecordKey) -> str | None:
    row = connection.execute(PERSON, record).fetchone()
    return str(row[0]) if row else None


PERSON = "select person_id from linkage.person_records where (source, source_record_id) = (%s, %s)"
RECORD_OF_PERSON = """
select source, source_record_id from linkage.person_records where person_id = linkage.holder(%s)
order by source <> %s, source, source_record_id limit 1
"""
JOINED = """
select other.source, other.source_record_id from linkage.person_records mine join linkage.person_records other using (person_id)
where mine.source = %s and mine.source_record_id = %s
    and (other.source, other.source_record_id) <> (mine.source, mine.source_record_id)
order by 1, 2
"""
