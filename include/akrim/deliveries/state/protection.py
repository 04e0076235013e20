"""What a delivery says of protected addresses, written down as it is accepted, so that it is known for as long as it holds.

An extract's state is its newest rows: it forgets whoever is missing, set aside or removed. Protection does not end by that.
So each delivery's statements are kept beside landing: who is protected, where they live and have lived, and whom a
valid row lifts the protection of. Which of them hold is asked of the deliveries that a release heard (meta.protections).
"""

from collections.abc import Sequence
from typing import NamedTuple

import psycopg
from psycopg import sql

from akrim.contracts import LONGEST_KEY, Extract, load_contracts
from akrim.deliveries.scratch import Scratch
from akrim.settings import get_settings


class Heard(NamedTuple):
    """A delivery that a release lists, though none of its rows need be in the state."""

    delivery_id: str
    manifest_sha256: str
    is_lift_void: bool  # withdrawn, or later than the period: what it protects counts, what it lifts does not


def record_protections(
    connection: psycopg.Connection, scratch: Scratch, extract: Extract, set_aside: int
) -> None:
    """Write down what the delivery says; to be called when its rows lie in landing and the scratch schema still stands.

    Does nothing for an extract without a grade of protection.

    Args:
        set_aside: how many rows of the extract were; without any, what came before need not be read for them.
    """
    grade = extract.protection
    if grade is None:
        return
    manifest = scratch.manifest
    values = {
        "delivery": manifest.delivery_id,
        "agency": extract.agency,
        "extract": extract.name,
        "period": str(manifest.period),
        "before": [*scratch.before, *([manifest.supersedes] if manifest.supersedes else [])],
        "codes": list(grade.codes),
        "strictest": grade.codes[-1],
        "longest_key": LONGEST_KEY,
        "world": "test" if get_settings().data_mode == "synthetic" else "real",
    }
    names = {
        "landing": sql.Identifier("landing", extract.table),
        "rows": scratch.table(extract.name),
        "quarantine": scratch.table("quarantine"),
        "key": sql.Identifier(extract.key.name),
        "grade": sql.Identifier(grade.name),
        "into": INTO,
        "known": KNOWN,
        **{f"of_{alias}": OF_PERSON.format(of=sql.Identifier(alias)) for alias in ("landed", "graded")},
    }
    valid = VALID.format(**names)
    for statement in (*([SET_ASIDE] if set_aside else []), LIVED_BEFORE, PARTED, LIFTED, STATED):
        connection.execute(statement.format(**names, valid=valid), values)
    connection.execute("analyze landing.protection_statements")


def forget_protections(
    connection: psycopg.Connection,
    record: tuple[str, str, str],
    numbers: Sequence[str],
    delivery_ids: Sequence[str] | None = None,
) -> None:
    """Erase what was said of one record (agency, extract, key), and what rows without a key said of a number of the record's or of these.

    Args:
        delivery_ids: where given, only what these said of it.
    """
    about = dict(zip(("agency", "extract", "key"), record, strict=True)) | {
        "numbers": list(numbers),
        "deliveries": None if delivery_ids is None else list(delivery_ids),
    }
    for statement in FORGET:
        connection.execute(statement, about)


def heard_beside(connection: psycopg.Connection, agency: str, period: str, pinned: list[str]) -> list[Heard]:
    """The agency's deliveries that an assessment of the period must hear on protection, besides those in its state.

    These are all of that time, superseded and withdrawn ones too, and the later ones that protect somebody, or a home of hers, whom no
    earlier one does: an old period assessed again must not show an address that has been protected since.
    """
    if not any(extract.protection for extract in load_contracts()[agency].extracts):
        return []
    about = {"agency": agency, "period": period, "pinned": pinned}
    return [Heard(*row) for row in connection.execute(BESIDE, about).fetchall()]


INTO = sql.SQL("""
insert into landing.protection_statements
    (delivery_id, agency, extract, record_id, is_keyless, grade, identifier, previous_identifier, street_address, postcode)
""")
# A number that fails its checksum, or of the wrong world, is nobody's.
OF_PERSON = sql.SQL("""
    case when meta.person_number_kind_2032({of}.ident) = %(world)s then {of}.ident end,
    case when meta.person_number_kind_2032({of}.tidligere_ident) = %(world)s then {of}.tidligere_ident end,
    {of}.adresse, {of}.postnummer
""")
KNOWN = sql.SQL(
    "select record_id from landing.protection_statements where agency = %(agency)s and extract = %(extract)s"
)
VALID = sql.SQL("from {landing} as landed where landed.delivery_id = %(delivery)s and not landed.is_removed")

# A row set aside leaves the last known grade as it is, unless it says that the address is protected; of somebody new it
# counts as the strictest. One without a proper key is known by its person number, or stays a record of its own.
SET_ASIDE = sql.SQL("""
{into}
with set_aside as (
    select r.*, case when length(r.{key}) between 1 and %(longest_key)s then r.{key} end as key, r.{grade} as stated_grade
    from {rows} as r
    where exists (select 1 from {quarantine} as q where q.extract = %(extract)s and q.row_number = r.row_number)
        and coalesce(r.removed, 'N') <> 'J'
), valid as (
    select r.{key} as key, r.ident from {landing} as r
    where r.delivery_id = any(%(before)s::text[] || %(delivery)s::text) and not r.is_removed
        and (
            r.{key} in (select key from set_aside)
            or r.ident in (select ident from set_aside where key is null)
        )
), owners as (
    select ident, min(key) as key from valid where meta.person_number_kind_2032(ident) = %(world)s group by ident
), named as (
    select s.*, coalesce(s.key, owners.key) as record_id
    from set_aside as s left join owners on s.key is null and owners.ident = s.ident
), graded as (
    select *,
        case
            when record_id is null or (record_id not in (select key from valid) and record_id not in ({known}))
                then %(strictest)s
            when stated_grade = any(%(codes)s) and stated_grade <> 'ugradert' then stated_grade
            when lower(btrim(stated_grade)) not in ('', 'ugradert') then %(strictest)s
        end as grade
    from named
)
select %(delivery)s, %(agency)s, %(extract)s, coalesce(record_id, %(delivery)s::text || ' ' || row_number),
    record_id is null, grade, {of_graded}
from graded
where (grade is not null or record_id in ({known}))
    and (record_id is not null or coalesce(adresse, ident, tidligere_ident) is not null)
""")
# Who was not protected before may live there still.
LIVED_BEFORE = sql.SQL("""
{into}
with newly as (
    select landed.{key} as key {valid} and coalesce(landed.{grade}, '') <> 'ugradert'
    union
    select record_id from landing.protection_statements
    where delivery_id = %(delivery)s and extract = %(extract)s and grade is not null
)
select %(delivery)s, %(agency)s, %(extract)s, landed.{key}, false, null, {of_landed}
from {landing} as landed
where landed.delivery_id = any(%(before)s::text[]) and not landed.is_removed and landed.adresse is not null
    and landed.{key} in (select key from newly where key not in ({known} and delivery_id <> %(delivery)s))
""")
# A key that is another person's by now lifts nothing from whom it was: that one stays known by the person number.
PARTED = sql.SQL("""
{into}
with opened as (
    select landed.* {valid} and landed.{grade} = 'ugradert' and meta.person_number_kind_2032(landed.ident) = %(world)s
), held as (
    select * from meta.protections(
        array(
            select delivery_id from meta.deliveries
            where agency = %(agency)s and status = 'accepted' and period <= %(period)s and delivery_id <> %(delivery)s
        ),
        array(select delivery_id from meta.delivery_withdrawals)
    )
    where extract = %(extract)s and not is_keyless
)
select %(delivery)s, %(agency)s, %(extract)s,
    concat_ws(' ', %(delivery)s::text, opened.{key}, dense_rank() over (partition by opened.{key} order by held.identifier)), true,
    held.grade, held.identifier, held.previous_identifier, held.street_address, held.postcode
from opened join held on held.record_id = opened.{key}
where held.identifier in (select graded.identifier from held as graded where graded.record_id = opened.{key} and graded.grade is not null)
    and not array[held.identifier, held.previous_identifier] && array[opened.ident, opened.tidligere_ident]
    and held.identifier not in (select ident from opened)
""")
LIFTED = sql.SQL("""
{into}
select %(delivery)s, %(agency)s, %(extract)s, lifted.record_id, lifted.is_keyless, 'ugradert', null, null, null, null
from (
    select landed.{key} as record_id, false as is_keyless {valid} and landed.{grade} = 'ugradert' and landed.{key} in ({known})
    union
    select k.record_id, true from landing.protection_statements as k
    where k.is_keyless and k.agency = %(agency)s and k.extract = %(extract)s and k.delivery_id <> %(delivery)s
        and k.identifier in (select landed.ident {valid} and landed.{grade} = 'ugradert')
) as lifted
""")
STATED = sql.SQL("""
{into}
select %(delivery)s, %(agency)s, %(extract)s, landed.{key}, false, landed.{grade}, {of_landed}
{valid} and coalesce(landed.{grade}, '') <> 'ugradert'
""")
FORGET = (
    """
    delete from landing.protection_statements as s using landing.protection_statements as keyless
    where s.is_keyless and keyless.is_keyless and s.record_id = keyless.record_id
        and array[keyless.identifier, keyless.previous_identifier] && (
            %(numbers)s::text[] || array(
                select number from landing.protection_statements as own
                cross join lateral unnest(array[own.identifier, own.previous_identifier]) as number
                where own.agency = %(agency)s and own.extract = %(extract)s and own.record_id = %(key)s and number is not null
                    and (%(deliveries)s::text[] is null or own.delivery_id = any(%(deliveries)s))
            )
        )""",
    """
    delete from landing.protection_statements
    where agency = %(agency)s and extract = %(extract)s and record_id = %(key)s
        and (%(deliveries)s::text[] is null or delivery_id = any(%(deliveries)s))""",
)
BESIDE = """
with accepted as materialized (
    select d.delivery_id, d.manifest_sha256, d.delivered_at, d.period <= %(period)s as is_of_the_time,
        w.delivery_id is not null as is_withdrawn
    from meta.deliveries as d left join meta.delivery_withdrawals as w using (delivery_id)
    where d.agency = %(agency)s and d.status = 'accepted'
), void as (
    select array(select delivery_id from accepted where is_withdrawn) as ids
), needed as (
    select p.delivery_id
    from void cross join meta.protections(array(select delivery_id from accepted), void.ids) as p
    where p.grade is distinct from 'ugradert' and not exists (
        select from void cross join meta.protections(array(select delivery_id from accepted where is_of_the_time), void.ids) as known
        where (known.extract, known.record_id) = (p.extract, p.record_id)
            and (known.identifier, known.previous_identifier, known.street_address, known.postcode)
                is not distinct from (p.identifier, p.previous_identifier, p.street_address, p.postcode)
    )
)
select delivery_id, manifest_sha256, is_withdrawn or not is_of_the_time from accepted
where delivery_id <> all(%(pinned)s) and (is_of_the_time or delivery_id in (select delivery_id from needed))
order by delivered_at, delivery_id
"""
