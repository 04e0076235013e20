"""Keys that an agency gave to somebody else: what it had delivered under them is of whom they were before.

Nobody is taken for another unless number, birth date and name are all others than in the key's newest row.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import psycopg
from psycopg import sql

from akrim.contracts import Column, Extract, all_extracts, load_contracts
from akrim.deliveries.removal.records import Before, Lying, Record, by_extract, read_landed
from akrim.deliveries.state.sequence import newest_sequence

# A key, and a person number that it was delivered with.
Borne = tuple[str, str]


def formers(connection: psycopg.Connection, extract: Extract, keys: Collection[str]) -> set[Borne]:
    """The keys that were somebody else's before, with the numbers that this one was delivered with."""
    numbers = [sql.Identifier(column.name) for column in extract.columns_meaning("personNumber")]
    if not numbers or not keys:
        return set()
    query = sql.SQL(FORMERS).format(
        key=sql.Identifier(extract.key.name),
        table=sql.Identifier("landing", extract.table),
        number=numbers[0],
        numbers=sql.SQL(", ").join(numbers),
        births=_texts(extract, "birth_date"),
        names=_texts(extract, "name"),
    )
    return {(key, number) for key, number in connection.execute(query, [list(keys)]).fetchall()}


def rows_then(
    connection: psycopg.Connection, parent: Extract, child: Extract, column: Column, borne: Collection[Borne]
) -> set[tuple[str, str]]:
    """The key and delivery of each row that was delivered as a child of one of the keys while that had the number."""
    keys, numbers = zip(*borne, strict=True)
    query = sql.SQL(THEN).format(
        child=sql.Identifier("landing", child.table),
        key=sql.Identifier(child.key.name),
        column=sql.Identifier(column.name),
        parent=sql.Identifier("landing", parent.table),
        parent_key=sql.Identifier(parent.key.name),
        number=sql.Identifier(parent.columns_meaning("personNumber")[0].name),
    )
    about = {"keys": list(keys), "numbers": list(numbers)}
    return {(key, delivery_id) for key, delivery_id in connection.execute(query, about).fetchall()}


def moved(
    connection: psycopg.Connection, records: Iterable[Record], numbers: Collection[str]
) -> list[tuple[Extract, set[Borne]]]:
    """What else was delivered with one of a person's numbers: under keys that are another's by now, or that nobody has linked.

    Without numbers that anybody else is delivered with now: then it may be that one's.
    """
    own = {(agency, name): keys for (agency, name), keys in by_extract(records).items()}
    columns = [
        (extract, column) for extract in all_extracts() for column in extract.columns_meaning("personNumber")
    ]
    free = set(numbers)
    for extract, column in columns if free else ():
        pins = newest_sequence(connection, extract.agency, is_append_only=extract.is_append_only)
        about = [pins, sorted(free), own.get((extract.agency, extract.name), [])]
        free -= {
            number for (number,) in connection.execute(_query(BORNE_NOW, extract, column), about).fetchall()
        }
    found = []
    for extract, column in columns if free else ():
        about = [sorted(free), own.get((extract.agency, extract.name), [])]
        if borne := connection.execute(_query(BORNE, extract, column), about).fetchall():
            found.append((extract, {(key, number) for key, number in borne}))
    return found


def person_numbers(
    connection: psycopg.Connection,
    records: Iterable[Record],
    before: Iterable[Before] = (),
    *,
    ever: bool = False,
) -> list[str]:
    """Every person number that a row of these records has; each is of an extract that a contract describes.

    Args:
        before: records that were the person's once, whose numbers then count too.
        ever: also those of whom an agency had given a record's key before.
    """
    found: set[str] = set()
    for (agency, name), of_extract in by_extract(records).items():
        extract = load_contracts()[agency].extract(name)
        others = set() if ever else formers(connection, extract, of_extract)
        for column in extract.columns_meaning("personNumber"):
            borne = read_landed(connection, extract, [extract.key.name, column.name], extract.key, of_extract)
            found |= {number for key, number in borne if number and (key, number) not in others}
    for extract, key, delivery_ids in _described(before):
        for column in extract.columns_meaning("personNumber"):
            borne = read_landed(connection, extract, ["delivery_id", column.name], extract.key, [key])
            found |= {number for delivery_id, number in borne if number and delivery_id in delivery_ids}
    return sorted(found)


def _described(before: Iterable[Before]) -> Iterator[tuple[Extract, str, Collection[str]]]:
    known = {(extract.agency, extract.name): extract for extract in all_extracts()}
    for agency, name, key, delivery_ids, _ in before:
        if extract := known.get((agency, name)):
            yield extract, key, delivery_ids


def rows_before(connection: psycopg.Connection, before: Iterable[Before]) -> Lying:
    """What was delivered of these records while they were the person's, with what belonged to it."""
    found: Lying = defaultdict(set)
    for extract, key, delivery_ids in _described(before):
        for of, column in own_and_children(extract.agency, extract.name):
            lying = read_landed(connection, of, [of.key.name, "delivery_id"], column, [key])
            found[of.agency, of.name] |= {row for row in lying if row[1] in delivery_ids}
    return found


def rows_moved(
    connection: psycopg.Connection, records: Iterable[Record], before: Iterable[Before] = ()
) -> Lying:
    """What was delivered of the records' person under keys that are another's by now, with what belonged to it and what that belongs to."""
    records, before = list(records), list(before)
    found = rows_before(connection, before)
    for (agency, name), then in list(found.items()):
        _add_parents(connection, found, load_contracts()[agency].extract(name), then)
    for extract, bearing in moved(connection, records, person_numbers(connection, records, before)):
        borne = bearing & formers(connection, extract, [key for key, _ in bearing])
        for child, column in children(extract) if borne else ():
            then = rows_then(connection, extract, child, column, borne)
            found[child.agency, child.name] |= then
            _add_parents(connection, found, child, then)
        number = extract.columns_meaning("personNumber")[0].name
        lying = read_landed(
            connection,
            extract,
            [extract.key.name, "delivery_id", number],
            extract.key,
            [key for key, _ in borne],
        )
        found[extract.agency, extract.name] |= {
            (key, of) for key, of, bears in lying if (key, bears) in borne
        }
    return dict(found)


def no_longer_lying(connection: psycopg.Connection, rows: Iterable[Record]) -> list[Record]:
    """Those of which nothing lies there any more: what does is of whoever has the key now."""
    lying: set[Record] = set()
    for (agency, name), keys in by_extract(rows).items():
        extract = load_contracts()[agency].extract(name)
        found = read_landed(connection, extract, [extract.key.name, "is_removed"], extract.key, keys)
        lying |= {(agency, name, key) for key, is_removed in found if not is_removed}
    return sorted({*rows} - lying)


def _add_parents(
    connection: psycopg.Connection, found: Lying, child: Extract, then: Collection[tuple[str, str]]
) -> None:
    for above, by in _parents(child) if then else ():
        keys = read_landed(connection, child, [by.name], child.key, [key for key, _ in then])
        found[above.agency, above.name] |= _lying(connection, above, [key for (key,) in keys])


def _parents(child: Extract) -> list[tuple[Extract, Column]]:
    """What a row belongs to beside a person, such as a case, each with the column that says to which."""
    above = [(load_contracts()[child.agency].extract(parent), column) for column, parent in child.parents]
    return [(extract, column) for extract, column in above if not extract.columns_meaning("personNumber")]


def _lying(connection: psycopg.Connection, extract: Extract, keys: Collection[str]) -> set[tuple[str, str]]:
    rows = read_landed(connection, extract, [extract.key.name, "delivery_id"], extract.key, keys)
    return {(key, delivery_id) for key, delivery_id in rows}


def children(extract: Extract) -> list[tuple[Extract, Column]]:
    """The extracts whose rows belong to one of this extract's, each with the column that says to which."""
    return [
        (child, column)
        for child in load_contracts()[extract.agency].extracts
        for column, parent in child.parents
        if parent == extract.name
    ]


def own_and_children(agency: str, name: str) -> list[tuple[Extract, Column]]:
    """The extracts in which a record has rows, each with the column that has its key; none where no contract describes it."""
    known = {(extract.agency, extract.name): extract for extract in all_extracts()}
    extract = known.get((agency, name))
    return [(extract, extract.key), *children(extract)] if extract else []


def _texts(extract: Extract, category: str) -> sql.Composed:
    names = [sql.Identifier(column.name) for column in extract.columns if column.category == category]
    return sql.SQL("lower(concat_ws(' ', {}))").format(sql.SQL(", ").join([sql.SQL("''"), *names]))


def _query(text: str, extract: Extract, column: Column) -> sql.Composed:
    return sql.SQL(text).format(
        table=sql.Identifier("landing", extract.table),
        state=sql.Identifier("state", extract.table),
        key=sql.Identifier(extract.key.name),
        column=sql.Identifier(column.name),
    )


FORMERS = """
with rows as (
    select r.{key} as key, r.{number} as number, array_remove(array[{numbers}], null) as numbers, {births} as born, {names} as name,
        d.delivered_at, d.delivery_id
    from {table} as r join meta.deliveries as d on d.delivery_id = r.delivery_id and d.status = 'accepted'
    where r.{key} = any(%s) and not r.is_removed and meta.person_number_kind_2032(r.{number}) is not null
), newest as (
    select distinct on (key) * from rows order by key, delivered_at desc, delivery_id desc
)
select distinct key, number.of_former from rows join newest using (key)
cross join lateral unnest(rows.numbers) as number (of_former)
where rows.number <> all(newest.numbers) and number.of_former <> all(newest.numbers)
    and rows.born <> newest.born and rows.name <> newest.name and '' not in (rows.born, newest.born, rows.name, newest.name)
"""
THEN = """
select c.{key}, c.delivery_id from {child} as c
join meta.deliveries as d on d.delivery_id = c.delivery_id and d.status = 'accepted'
where c.{column} = any(%(keys)s) and not c.is_removed and (c.{column}, (
    select p.{number} from {parent} as p join meta.deliveries as e on e.delivery_id = p.delivery_id and e.status = 'accepted'
    where p.{parent_key} = c.{column} and p.{number} is not null and e.delivered_at <= d.delivered_at
    order by e.delivered_at desc, e.delivery_id desc limit 1
)) in (select * from unnest(%(keys)s::text[], %(numbers)s::text[]))
"""
BORNE_NOW = "select s.{column} from {state}(%s) as s where s.{column} = any(%s) and s.{key} <> all(%s)"
BORNE = """
select distinct r.{key}, r.{column} from {table} as r
where r.{column} = any(%s) and r.{key} <> all(%s) and meta.person_number_kind_2032(r.{column}) is not null
"""
