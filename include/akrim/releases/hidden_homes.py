"""Takes a home that is protected by now out of what earlier releases show in the database: the marts, the rows that were sent, and what clerks read.

The files of a release are signed and stay. A later release judges more finely; here whatever could lead to her goes.
"""

from typing import Any

import psycopg

from akrim import warehouse
from akrim.sharing import empty_kept

HOME = ("street_address", "postcode", "municipality_code", "municipality_name")
PREMISES = ("street_address", "postcode", "city")
# A sole proprietorship is its owner.
WHOLE_PREMISES = (*PREMISES, "municipality_code", "municipality_name", "centre_id")


def hide_homes() -> None:
    """Hide, in every release, each home that was said to be protected since it was made; does nothing where that is done."""
    with warehouse.connect() as connection:
        if not warehouse.has_table(connection, "marts.persons"):
            return
        for (release_id,) in connection.execute(RELEASES).fetchall():
            connection.execute(SINCE, [release_id])
            if connection.execute("select 1 from homes_since limit 1").fetchone():
                _hide(connection, release_id)
            connection.execute("drop table homes_since")


def _hide(connection: psycopg.Connection, release_id: str) -> None:
    is_staged = warehouse.has_table(connection, "intermediate.person_records")
    persons = _ids(connection, PERSONS.format(by_number=BY_NUMBER if is_staged else ""), {})
    about = {"release": release_id, "persons": persons}
    connection.execute(HOMES, about)
    bearers = _ids(connection, BEARING.format(mart="persons", key="person_id"), about)
    led = _ids(connection, LED, about)
    at_home = _ids(connection, BEARING.format(mart="enterprises", key="orgnr"), about)
    sole = _ids(connection, SOLE, about | {"enterprises": [*led, *at_home]})
    if warehouse.has_table(connection, "intermediate.protected_addresses"):
        connection.execute(TO_CLERKS_PERSONS, about)
        connection.execute(TO_CLERKS_ADDRESSES)
    connection.execute("drop table homes_hidden")
    for mart, key, ids, columns in (
        ("persons", "person_id", [*persons, *bearers], HOME),
        ("enterprises", "orgnr", [*led, *at_home], PREMISES),
        ("enterprises", "orgnr", sole, WHOLE_PREMISES),
    ):
        cleared = ", ".join(f"{column} = null" for column in columns)
        is_there = f"num_nonnulls({', '.join(columns)}) > 0"
        query = f"update marts.{mart} set {cleared} where release_id = %s and {key} = any(%s) and {is_there}"  # noqa: S608  # names from above
        connection.execute(query.encode(), [release_id, ids])
        empty_kept(connection, release_id, (mart, key, ids), columns)
    connection.execute(MARKED, about)


def _ids(connection: psycopg.Connection, query: str, values: dict[str, Any]) -> list[str]:
    return [found for (found,) in connection.execute(query.encode(), values).fetchall()]


RELEASES = "select release_id from meta.releases where status <> 'erased' order by sequence"
SINCE = "create temp table homes_since on commit drop as select * from meta.protected_since(%s)"
# Whatever bears her number is hers, also where her own record has not been linked yet.
BY_NUMBER = """
    union select r.source, r.source_record_id from intermediate.person_records as r join numbers on numbers.number = r.identifier
    union select r.source, r.source_record_id from intermediate.person_records as r join numbers on numbers.number = r.previous_identifier
"""
PERSONS = """
with recursive numbers as (
    select identifier as number from homes_since where identifier is not null
    union select previous_identifier from homes_since where previous_identifier is not null
), records as (
    select agency as source, record_id as source_record_id from homes_since {by_number}
), ids as (
    select h.person_id from linkage.person_record_history as h join records using (source, source_record_id)
    union select c.old_person_id from ids join linkage.person_id_history as c on c.person_id = ids.person_id and c.change = 'merged'
)
select person_id from ids
"""
HOMES = """
create temp table homes_hidden on commit drop as
select distinct street_address, coalesce(btrim(postcode), '') as postcode from (
    select street_address, postcode from homes_since
    union all select street_address, postcode from marts.persons where release_id = %(release)s and person_id = any(%(persons)s)
    union all
    select e.street_address, e.postcode from marts.roles as r join marts.enterprises as e using (release_id, orgnr)
    where release_id = %(release)s and r.person_id = any(%(persons)s) and r.is_leading and e.legal_form_code = 'ENK'
) as homes where street_address is not null
"""
# Equal digests have equal postcodes, where both have one.
BEARING = """
with digests as materialized (
    select distinct digest from homes_hidden cross join lateral meta.protected_address_digests(street_address, postcode) as digest
)
select m.{key} from marts.{mart} as m where m.release_id = %(release)s and m.street_address is not null
    and (
        coalesce(btrim(m.postcode), '') in (select '' union all select postcode from homes_hidden)
        or exists (select from homes_hidden where postcode = '')
    )
    and exists (
        select from meta.borne_address_digests(m.street_address, m.postcode) as borne join digests on digests.digest = borne
    )
"""
# By these clerks are shown no home of hers; the next assessment makes them anew.
TO_CLERKS_PERSONS = """
insert into intermediate.protected_persons (person_id)
select unnest(%(persons)s::text[]) except select person_id from intermediate.protected_persons
"""
TO_CLERKS_ADDRESSES = """
insert into intermediate.protected_addresses (address_digest)
select digest from homes_hidden cross join lateral meta.protected_address_digests(street_address, postcode) as digest
except select address_digest from intermediate.protected_addresses
"""
LED = "select distinct orgnr from marts.roles where release_id = %(release)s and person_id = any(%(persons)s) and is_leading"
SOLE = """
select orgnr from marts.enterprises where release_id = %(release)s and orgnr = any(%(enterprises)s) and legal_form_code = 'ENK'
"""
MARKED = """
update marts.persons set has_protected_address = true
where release_id = %(release)s and person_id = any(%(persons)s) and not has_protected_address
"""
