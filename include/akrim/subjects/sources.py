"""The rows that agencies delivered about a person, without what they tell of others.

An agency may have given her key to somebody else, hers may have been another's before, and a row may have been about another at first.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import psycopg
from psycopg import sql

from akrim.contracts import Extract, all_extracts, load_contracts
from akrim.deliveries.removal import (
    Borne,
    Record,
    described,
    formers,
    moved,
    person_numbers,
    rows_about,
    rows_before,
    rows_moved,
)
from akrim.linkage import store
from akrim.warehouse import has_table, read_rows

Row = dict[str, Any]
PROTECTABLE = ("address", "contact")
# What says who a row is of, and where they live or must not be known to.
IDENTIFYING = ("person_number", "name", "birth_date", "protection", *PROTECTABLE)
# A sole proprietor's business address counts as her own.
OF_ENTERPRISES = "forretningsadresse."


def read_sources(connection: psycopg.Connection, person: store.LinkedPerson, is_protected: bool) -> list[Row]:
    """Each row that is hers or that hers belong to, also under keys that are another's by now; by extract."""
    records = described(connection, person.records)
    keys, elsewhere = rows_about(connection, records), rows_moved(connection, records, person.before)
    of_others = rows_before(connection, person.of_others)
    borne = _borne_elsewhere(connection, person, records)
    sources: list[Row] = []
    for extract in sorted(all_extracts(), key=lambda one: one.agency):
        of = (extract.agency, extract.name)
        if own := keys.get(of):
            is_others = _others(connection, person, extract)
            delivered = _delivered(connection, extract, own, is_protected)
            others = of_others.get(of, set())
            sources += [
                row
                for row in delivered
                if not is_others(row) and not others.issuperset((row["key"], d) for d in row["deliveries"])
            ]
        if then := elsewhere.get(of):
            delivered = _delivered(connection, extract, [key for key, _ in then], is_protected)
            sources += [
                row for row in delivered if then.intersection((row["key"], d) for d in row["deliveries"])
            ]
        if numbers := borne.get(of):
            delivered = _delivered(connection, extract, [key for key, _ in numbers], is_protected)
            sources += [
                row for row in delivered if _is_by_number_alone(row, numbers, elsewhere.get(of, set()))
            ]
    return _without_others(connection, person, sources)


def _borne_elsewhere(
    connection: psycopg.Connection, person: store.LinkedPerson, records: Sequence[Record]
) -> dict[tuple[str, str], set[Borne]]:
    """The keys of others, or of nobody, that an agency once delivered with a number of hers, which nobody else has now; by extract."""
    numbers = person_numbers(connection, records, person.before)
    return {(extract.agency, extract.name): borne for extract, borne in moved(connection, records, numbers)}


def _is_by_number_alone(row: Row, borne: set[Borne], told: Collection[tuple[str, str]]) -> bool:
    """Whether it bears her number and is not told as hers otherwise; then nothing else of it is left, since it may say who somebody else is."""
    own = {path: value for path, value in row["fields"].items() if (row["key"], value) in borne}
    if not own or any((row["key"], delivery_id) in told for delivery_id in row["deliveries"]):
        return False
    row["fields"] = own
    return True


def _others(
    connection: psycopg.Connection, person: store.LinkedPerson, extract: Extract
) -> Callable[[Row], bool]:
    """Whether a row is, as delivered at that time, of somebody else: of whom the key was, or of whose record it said that it is."""
    own = {(agency, name, key) for agency, name, key in person.records}
    contract = load_contracts()[extract.agency]
    numbers = [column.path for column in extract.columns_meaning("personNumber")]
    former = formers(connection, extract, [key for *of, key in own if of == [extract.agency, extract.name]])
    persons = [
        (column.path, name)
        for column, name in extract.parents
        if contract.extract(name).columns_meaning("personNumber")
    ]

    def is_others(row: Row) -> bool:
        fields = row["fields"]
        if numbers:
            is_own = (extract.agency, extract.name, row["key"]) in own
            return not is_own or any((row["key"], fields.get(path)) in former for path in numbers)
        named = [(extract.agency, name, fields[path]) for path, name in persons if path in fields]
        return bool(named) and not own.intersection(named)

    return is_others


def _delivered(
    connection: psycopg.Connection, extract: Extract, keys: Sequence[str], is_protected: bool
) -> list[Row]:
    """Each delivered row, and in which deliveries it came so; empty fields are left out."""
    query = sql.SQL(DELIVERED).format(
        table=sql.Identifier("landing", extract.table), key=sql.Identifier(extract.key.name)
    )
    return [
        {
            "agency": extract.agency,
            "extract": extract.name,
            "key": (content := row.pop("content"))[extract.key.name],
            **row,
            "fields": fields_of(extract, content, is_protected),
        }
        for row in read_rows(connection, query, {"keys": list(keys)})
    ]


def fields_of(extract: Extract, content: Row, is_protected: bool) -> Row:
    hidden = {
        column.name
        for column in extract.columns
        if is_protected and (column.category in PROTECTABLE or column.path.startswith(OF_ENTERPRISES))
    }
    return {
        column.path: content[column.name]
        for column in extract.columns
        if content.get(column.name) is not None and column.name not in hidden
    }


def _without_others(
    connection: psycopg.Connection, person: store.LinkedPerson, sources: list[Row]
) -> list[Row]:
    """The rows, without who somebody else is where an agency once delivered one of hers with that other's number."""
    numbered = [(row, [row["fields"].get(path) for path in _paths(row, "person_number")]) for row in sources]
    asked = {"ids": person.ids, "numbers": [number for _, found in numbered for number in found if number]}
    if not has_table(connection, "intermediate.person_records"):
        return sources
    others = {row["identifier"] for row in read_rows(connection, OF_OTHERS, asked)}
    for row, found in numbered:
        if others & {*found}:
            hidden = _paths(row, *IDENTIFYING)
            row["fields"] = {path: value for path, value in row["fields"].items() if path not in hidden}
    return sources


def _paths(row: Row, *categories: str) -> set[str]:
    columns = load_contracts()[row["agency"]].extract(row["extract"]).columns
    return {column.path for column in columns if column.category in categories}


# The same content of a row delivered again is one row, which counts as long as one of its deliveries does.
DELIVERED = """
select to_jsonb(r) - 'delivery_id' - 'row_number' - 'invalid_columns' as content,
    array_agg(r.delivery_id order by d.delivered_at, r.delivery_id) as deliveries,
    min(d.delivered_at at time zone 'Europe/Oslo')::date::text as first_delivered,
    max(d.delivered_at at time zone 'Europe/Oslo')::date::text as last_delivered,
    r.is_removed, bool_and(w.delivery_id is not null) as is_withdrawn
from {table} as r left join meta.deliveries as d on d.delivery_id = r.delivery_id and d.status = 'accepted'
left join meta.delivery_withdrawals as w on w.delivery_id = r.delivery_id
where r.{key} = any(%(keys)s) group by 1, r.is_removed order by min(d.delivered_at), 1
"""
OF_OTHERS = """
select records.identifier from intermediate.person_records as records
left join linkage.person_records as links using (source, source_record_id)
where records.identifier = any(%(numbers)s)
group by records.identifier having not coalesce(bool_or(links.person_id = any(%(ids)s::text[])), false)
"""
