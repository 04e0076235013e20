"""Which delivered rows belong to records: the records themselves, their children, these children's parents, and what bears a person's name.

So a held suspect keeps his row among the persons, what ties him to a case, and the case; and a sole proprietor the row of the enterprise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import psycopg

from akrim.contracts import Column, Extract, load_contracts
from akrim.deliveries.removal.passed_on import formers, rows_then
from akrim.deliveries.removal.records import Record, read_landed

REGISTER = "brreg"
Keys = dict[str, set[str]]


def held_keys(
    connection: psycopg.Connection, agency: str, records: Iterable[Record], *, ever: bool = False
) -> Keys:
    """The keys of the rows that stay for these records (agency, extract, key), by extract of the agency; `ever` as for `keys_of`."""
    kept = keys_of(connection, agency, records, ever=ever)
    for child, column, parent in _ties(agency) if kept else ():
        if kept[child.name]:
            kept[parent] |= _find(connection, child, column, child.key, kept[child.name])
    if agency == REGISTER and kept["roller"]:
        rows = connection.execute(SOLE_PROPRIETORSHIPS, [sorted(kept["roller"])]).fetchall()
        kept["enheter"] |= {row[0] for row in rows}
    return kept


def keys_of(
    connection: psycopg.Connection, agency: str, records: Iterable[Record], *, ever: bool = False
) -> Keys:
    """The keys of the rows of these records and of their children, by extract of the agency.

    Args:
        ever: also of children from when the agency had given a record's key to somebody else.
    """
    own: Keys = defaultdict(set)
    for source, extract, key in records:
        if source == agency:
            own[extract].add(key)
    found = defaultdict(set, {extract: set(keys) for extract, keys in own.items()})
    for child, column, parent in _ties(agency) if own else ():
        if own[parent]:
            of_parent = load_contracts()[agency].extract(parent)
            others = set() if ever else formers(connection, of_parent, own[parent])
            lying = read_landed(connection, child, [child.key.name, "delivery_id"], column, own[parent])
            then = rows_then(connection, of_parent, child, column, others) if others else set()
            found[child.name] |= {key for key, _ in {*lying} - then}
    return found


def deliveries_with(connection: psycopg.Connection, records: Iterable[Record]) -> list[str]:
    """The deliveries in which rows of these records or of their children lie."""
    records = list(records)
    found: set[str] = set()
    for agency in {source for source, _, _ in records} & load_contracts().keys():
        keys = keys_of(connection, agency, records)
        for extract in load_contracts()[agency].extracts:
            if of_extract := keys[extract.name]:
                lying = read_landed(connection, extract, ["delivery_id"], extract.key, of_extract)
                found |= {delivery_id for (delivery_id,) in lying}
    return sorted(found)


def rows_about(connection: psycopg.Connection, records: Iterable[Record]) -> dict[tuple[str, str], list[str]]:
    """The keys of the rows of these records, of their children and of what those belong to, by agency and extract."""
    records = list(records)
    return {
        (agency, extract.name): sorted(keys[extract.name])
        for agency in sorted({source for source, _, _ in records} & load_contracts().keys())
        for keys in [held_keys(connection, agency, records)]
        for extract in load_contracts()[agency].extracts
        if keys[extract.name]
    }


SOLE_PROPRIETORSHIPS = """
select distinct e.organisasjonsnummer from landing.brreg_roller as r join landing.brreg_enheter as e using (organisasjonsnummer)
where r.rolle_id = any(%s) and r.type_kode = 'INNH' and e.organisasjonsform_kode = 'ENK'
"""


def _ties(agency: str) -> Iterator[tuple[Extract, Column, str]]:
    """Every column of the agency's extracts that points to another extract, with that one's name."""
    for child in load_contracts()[agency].extracts:
        for column, parent in child.parents:
            yield child, column, parent


def _find(
    connection: psycopg.Connection, extract: Extract, wanted: Column, by: Column, values: set[str]
) -> set[str]:
    found = read_landed(connection, extract, [wanted.name], by, values)
    return {value for (value,) in found if value is not None}
