"""Which rows that were set aside are about a person: they were linked to nobody, so her keys and her numbers tell."""

from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from akrim.contracts import all_extracts, extracts_by_name, load_contracts
from akrim.deliveries.removal.held_keys import held_keys
from akrim.deliveries.removal.passed_on import person_numbers
from akrim.deliveries.removal.records import Before, Record
from akrim.errors import UserError
from akrim.warehouse import read_rows

# A row that was set aside may have a number parted as people write it (120380 01505, 12.03.80-01505), and full-width digits.
TEXT_OF_NUMBERS = sql.SQL(r"""
regexp_replace(
    translate(raw::text, '０１２３４５６７８９', '0123456789'), '(?<=[0-9])[^0-9[:alpha:]",:]{1,3}(?=[0-9])', '', 'g'
)""")


def described(connection: psycopg.Connection, records: Iterable[Record]) -> list[Record]:
    """The records whose extract a contract describes; where one is agreed on no longer, all its rows are to be removed before.

    Raises UserError where an agency of these records has rows that no contract describes: nobody can tell which are about whom.
    """
    records = list(records)
    known = extracts_by_name()
    lying = connection.execute(LYING, {"agencies": sorted({agency for agency, _, _ in records})}).fetchall()
    gone = [f"{agency}.{name}" for agency, name in sorted(lying) if (agency, name) not in known]
    if gone:
        raise UserError(
            f"There are rows of {', '.join(gone)}, of which there is no contract any more.",
            "AKRIM_CONTRACTS",
            "Put the contract back until this is done: without it nothing of its rows is found.",
        )
    return [record for record in records if record[:2] in known]


def keys_aside(
    connection: psycopg.Connection, agency: str, records: Iterable[Record], *, ever: bool = False
) -> Iterator[tuple[str, str, str]]:
    """The extract, field and key by which the agency's rows set aside are known to belong to records; one that never landed, by its parent.

    Args:
        ever: as for `keys_of`.
    """
    records = list(records)
    keys = held_keys(connection, agency, records, ever=ever)
    for extract in load_contracts()[agency].extracts:
        yield from ((extract.name, extract.key.path, key) for key in keys[extract.name])
        for column, parent in extract.parents:
            yield from ((extract.name, column.path, key) for *of, key in records if of == [agency, parent])


def set_aside_about(
    connection: psycopg.Connection, records: Iterable[Record], before: Iterable[Before] = ()
) -> list[dict[str, Any]]:
    """Each kept row that was set aside and has a key of these records' rows, belongs to one of the records, or has one of their person numbers,
    or of `before`: records that were the person's, whose keys are another's by now.

    Returns agency, extract, delivery_id, delivered (a day), reason, is_withdrawn and raw. `raw` is None but where the row has both
    a key and a number of theirs: a record may bear a number that is somebody else's, and a key may have come twice.

    Raises UserError where rows lie there that no contract describes any more.
    """
    records = described(connection, records)
    numbers = person_numbers(connection, records, before)
    keys = [
        (agency, *known)
        for agency in {agency for agency, _, _ in records}
        for known in keys_aside(connection, agency, records)
    ]
    fields = [
        (extract.agency, extract.name, column.path)
        for extract in all_extracts()
        for column in extract.columns_meaning("personNumber")
    ]
    about = {
        "keys": Jsonb(keys),
        "fields": Jsonb(fields),
        "numbers": numbers,
        "patterns": [f"%{number}%" for number in numbers],
    }
    return read_rows(connection, SET_ASIDE, about)


LYING = """
select distinct d.agency, f.extract from meta.delivery_files as f join meta.deliveries as d using (delivery_id, manifest_sha256)
left join meta.delivery_removals as r using (delivery_id, extract)
where d.agency = any(%(agencies)s) and d.status = 'accepted' and coalesce(r.rows_held, f.rows_loaded) > 0
union
select d.agency, q.extract from quarantine.rows as q join meta.deliveries as d using (delivery_id, manifest_sha256)
where d.agency = any(%(agencies)s) and q.raw is not null
"""
SET_ASIDE = sql.SQL("""
select agency, extract, delivery_id, (d.delivered_at at time zone 'Europe/Oslo')::date::text as delivered, q.reason,
    d.status = 'accepted' and exists (select from meta.delivery_withdrawals as w where w.delivery_id = d.delivery_id) as is_withdrawn,
    case when exists (
        select from jsonb_array_elements(%(fields)s) as field cross join jsonb_array_elements(%(keys)s) as own
        where (field ->> 0, field ->> 1) = (agency, extract)
            and regexp_replace(raw ->> (field ->> 2), '[^0-9]', '', 'g') = any(%(numbers)s)
            and (own ->> 0, own ->> 1) = (agency, extract) and raw ->> (own ->> 2) = own ->> 3
    ) then raw end as raw
from quarantine.rows as q join meta.deliveries as d using (delivery_id, manifest_sha256)
where raw is not null and (
    {text} like any(%(patterns)s)
    or exists (
        select from jsonb_array_elements(%(keys)s) as own
        where (own ->> 0, own ->> 1) = (agency, extract) and raw ->> (own ->> 2) = own ->> 3
    )
)
order by d.delivered_at, delivery_id, extract, row_number
""").format(text=TEXT_OF_NUMBERS)
