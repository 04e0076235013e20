"""Rows of an earlier version of a contract become rows of the present one: columns get their new names, codes too.

Of a delivery that is just being judged, and of those that lie in landing and quarantine since before the contract changed.
"""

import json
from collections.abc import Iterator

from psycopg import sql

from akrim.contracts import Contract, Extract, Upgrade, column_name

RENAME = sql.SQL("""
do $rename$ begin
    if exists (select from pg_attribute where attrelid = to_regclass({table_name}) and attname = {then_name} and not attisdropped)
    and not exists (select from pg_attribute where attrelid = to_regclass({table_name}) and attname = {now_name} and not attisdropped)
    then alter table {table} rename column {then} to {now};
    end if;
end $rename$
""")
# Where somebody is erased or held, the raw rows are found by their fields' present names.
RENAME_SET_ASIDE = sql.SQL("""
update quarantine.rows as q set raw = q.raw - {then} || jsonb_build_object({now}, q.raw -> {then})
from meta.deliveries as d
where (d.delivery_id, d.manifest_sha256) = (q.delivery_id, q.manifest_sha256) and d.agency = {agency}
    and q.extract = {extract} and jsonb_typeof(q.raw) = 'object' and q.raw ? {then}
""")
RECODE = sql.SQL("update {table} set {column} = {codes}::jsonb ->> {column} where {column} = any({then})")


def upgrade_loaded(table: sql.Identifier, extract: Extract, upgrade: Upgrade) -> Iterator[sql.Composed]:
    """The statements that upgrade rows just loaded in the form agreed then."""
    yield from _renamed(table, upgrade)
    for column in extract.columns:
        if column.path in upgrade.added:
            yield sql.SQL("alter table {} add column {} text").format(table, sql.Identifier(column.name))
    yield from _recoded(table, upgrade)


def rename_landed(contract: Contract, extract: Extract) -> list[sql.Composed]:
    """The statements that rename columns of the extract's landing table, before the present ones are added, and fields of rows set aside."""
    upgrades = contract.upgrades_of(extract.name)
    set_aside = [
        RENAME_SET_ASIDE.format(
            agency=sql.Literal(extract.agency),
            extract=sql.Literal(extract.name),
            then=sql.Literal(then),
            now=sql.Literal(now),
        )
        for upgrade in upgrades
        for then, now in upgrade.renamed.items()
    ]
    return [s for upgrade in upgrades for s in _renamed(_landing(extract), upgrade)] + set_aside


def recode_landed(contract: Contract, extract: Extract) -> list[sql.Composed]:
    """The statements that recode rows that landed before the codes were renamed; they change nothing the second time."""
    return [s for upgrade in contract.upgrades_of(extract.name) for s in _recoded(_landing(extract), upgrade)]


def _landing(extract: Extract) -> sql.Identifier:
    return sql.Identifier("landing", extract.table)


def _renamed(table: sql.Identifier, upgrade: Upgrade) -> Iterator[sql.Composed]:
    for then, now in _names(upgrade):
        yield RENAME.format(
            table=table,
            table_name=sql.Literal(table.as_string()),
            then=sql.Identifier(then),
            then_name=sql.Literal(then),
            now=sql.Identifier(now),
            now_name=sql.Literal(now),
        )


def _recoded(table: sql.Identifier, upgrade: Upgrade) -> Iterator[sql.Composed]:
    for path, codes in upgrade.codes.items():
        yield RECODE.format(
            table=table,
            column=sql.Identifier(column_name(path)),
            codes=sql.Literal(json.dumps(codes)),
            then=sql.Literal(list(codes)),
        )


def _names(upgrade: Upgrade) -> list[tuple[str, str]]:
    return [(column_name(then), column_name(now)) for then, now in upgrade.renamed.items()]
