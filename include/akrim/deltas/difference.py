"""The rows in which two tables differ; earlier table + difference = later table, in any order of rows."""

from dataclasses import dataclass, field

import pyarrow as pa

from akrim.deltas.records import listed
from akrim.deltas.state import compared_columns, row_texts

CHANGE = "change"
ADDING = ("added", "changed", "split")
REMOVING = ("changed", "removed", "merged", "erased")
KINDS = ("added", "changed", "removed", "merged", "split", "erased")


@dataclass(frozen=True)
class IdentityChanges:
    """Persons whose rows appear or disappear because they were merged, split or erased."""

    merged: frozenset[str] = field(default_factory=frozenset)
    split: frozenset[str] = field(default_factory=frozenset)
    erased: frozenset[str] = field(default_factory=frozenset)


def unique_key(key: list[str], before: pa.Table, after: pa.Table) -> list[str]:
    """The key, or all columns if the key is not unique in both tables."""
    is_unique = all(len(set(row_texts(table, key))) == table.num_rows for table in (before, after))
    return key if is_unique else compared_columns(after)


def aligned(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with the later one's columns: new ones are null, dropped ones are left out."""
    names = set(table.column_names)
    columns = [
        _cast(table[field.name], field) if field.name in names else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """The column in the field's type; of an earlier release, records are text."""
    is_new = pa.types.is_list(field.type) and pa.types.is_string(column.type)
    return (listed(column, field.name) if is_new else column).cast(field.type)


def difference(
    before: pa.Table, after: pa.Table, key: list[str], moved: IdentityChanges = IdentityChanges()
) -> pa.Table:
    """The rows that differ, each with its kind of change; removed rows have only their key. Lists of records are to be texts.

    Args:
        before: the earlier table, aligned with the later one.
        key: columns that are unique in each table.
    """
    columns = compared_columns(after)
    old = dict(zip(row_texts(before, key), row_texts(before, columns), strict=True))
    new = dict(zip(row_texts(after, key), row_texts(after, columns), strict=True))
    new_places = [place for place, (name, text) in enumerate(new.items()) if old.get(name) != text]
    gone_places = [place for place, name in enumerate(row_texts(before, key)) if name not in new]
    added = after.take(pa.array(new_places, pa.int64()))
    removed = before.take(pa.array(gone_places, pa.int64()))
    arrivals = [
        "changed" if name in old else _arrival(person, moved)
        for name, person in zip(row_texts(added, key), _persons(added), strict=True)
    ]
    departures = [_departure(person, moved) for person in _persons(removed)]
    keys_only = [
        removed[field.name] if field.name in key else pa.nulls(removed.num_rows, field.type)
        for field in after.schema
    ]
    rows = pa.concat_tables([added, pa.table(keys_only, schema=after.schema)])
    changes = rows.add_column(0, CHANGE, pa.array([*arrivals, *departures], pa.string()))
    return changes.sort_by([(name, "ascending") for name in (*key, CHANGE)]).combine_chunks()


def applied(before: pa.Table, delta: pa.Table, key: list[str]) -> pa.Table:
    """The later table's rows from the earlier ones and the difference; `before` aligned with the delta's columns."""
    kinds = delta[CHANGE].to_pylist()
    rows = delta.drop_columns([CHANGE])
    removed = {name for name, kind in zip(row_texts(rows, key), kinds, strict=True) if kind in REMOVING}
    kept = before.filter(pa.array([name not in removed for name in row_texts(before, key)], pa.bool_()))
    return pa.concat_tables([kept, rows.filter(pa.array([kind in ADDING for kind in kinds], pa.bool_()))])


def _persons(table: pa.Table) -> list[str | None]:
    """Whom each row is about; nobody where the table is not about persons."""
    return table["person_id"].to_pylist() if "person_id" in table.column_names else [None] * table.num_rows


def _arrival(person_id: str | None, moved: IdentityChanges) -> str:
    return "split" if person_id in moved.split else "added"


def _departure(person_id: str | None, moved: IdentityChanges) -> str:
    if person_id in moved.erased:
        return "erased"
    return "merged" if person_id in moved.merged else "removed"
