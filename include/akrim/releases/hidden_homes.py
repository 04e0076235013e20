"""Takes a home that is protected by now out of what earlier releases show in the database: the marts, the rows that were sent, and what clerks read.

The files of a release are signed and stay. A later release judges more finely; here whatever could lead to her goes.
"""

from typing import Any

import psycopg
from psycopg import sql

from akrim import warehouse
from akrim.linkage.review import hide_addresses_from_clerks, hide_from_clerks
from akrim.linkage.store import newest_run
from akrim.sharing import empty_kept, mark_kept

HOME = ("street_address", "postcode", "municipality_code", "municipality_name")
PREMISES = ("street_address", "postcode", "city")
# A sole proprietorship is its owner, and where it was inspected may be the home.
PLACE = ("municipality_code", "municipality_name", "centre_id")
# What is read here of those that a run makes.
MARTS = ("assessments", "enterprises", "inspections", "persons", "roles", "statuses")

# Raised where `meta.address_keys` knows an address in more ways of writing: every home is looked for anew.
SPELLING = 1


def hide_homes() -> None:
    """Hide, in every release, each home that was said to be protected since it was made.

    Of a release that is out only what is new since the last time is looked at: its rows do not change any more. Each has a transaction of its
    own, so that nobody waits for all of them. What a run works on stays as the run makes it.
    """
    with warehouse.connect() as connection:
        if not warehouse.has_table(connection, "marts.persons"):
            return
        connection.execute(ONE_AT_A_TIME)
        ((heard, void),) = connection.execute(HEARD).fetchall()
        known = {"heard": heard, "void": void, "run_number": newest_run(connection), "spelling": SPELLING}
        releases = connection.execute(RELEASES, known).fetchall()
        is_made = all(warehouse.has_table(connection, f"marts.{mart}") for mart in MARTS)
        # The first run may have been killed, or be under way: where not all is there yet, nothing is out.
        if not releases or not (is_made or any(is_out for _, is_out in releases)):
            return
        _find_protected(connection, known)
        connection.execute(ADDRESSES_KNOWN)
        connection.commit()
        for release_id, is_out in releases:
            _find_new(connection, release_id)
            if connection.execute(IS_ANY).fetchone():
                _hide(connection, release_id)
            if is_out:
                connection.execute(LOOKED_AT, known | {"release": release_id})
            connection.execute("drop table homes_since, persons_since")
            connection.commit()


def hold_homes(connection: psycopg.Connection) -> None:
    """Wait until no home is being hidden, and let none be until the caller's transaction ends: both change rows of the same tables."""
    connection.execute("select pg_advisory_xact_lock(hashtext('akrim.hidden_homes'))")


def _find_protected(connection: psycopg.Connection, known: dict[str, Any]) -> None:
    """Find every home that is protected by now and whose it is, and have clerks shown none of them.

    Args:
        known: the accepted deliveries, those that were withdrawn, and the newest linkage run.
    """
    connection.execute(HOMES_NOW, known)
    is_staged = warehouse.has_table(connection, "intermediate.person_records")
    connection.execute(sql.SQL(PERSONS_NOW).format(by_number=sql.SQL(BY_NUMBER if is_staged else "")))
    connection.execute("analyze homes_now; analyze persons_now")
    is_known_run = connection.execute(LOOKED_AT_BY_RUN, known).fetchone() is not None
    # Among the addresses are some where she lived by what was shown: a later assessment judges of them.
    hide_from_clerks(
        connection, sql.Identifier("persons_now"), sql.Identifier("homes_now"), keeps_addresses=is_known_run
    )


def _find_new(connection: psycopg.Connection, release_id: str) -> None:
    """Find what the release was not pinned with: homes that were not looked at yet, and persons of whom it shows something still."""
    about = {"release": release_id, "spelling": SPELLING}
    connection.execute(SINCE, about)
    connection.execute(PERSONS_SINCE, about)
    connection.execute(LOOKED_AT_BEFORE, about)


def _hide(connection: psycopg.Connection, release_id: str) -> None:
    changed = 0
    persons = _ids(connection, "select person_id from persons_since", {})
    about = {"release": release_id, "persons": persons}
    connection.execute(HOMES, about)
    connection.execute(LEARN_ADDRESSES, about)
    connection.execute("analyze addresses_known")
    bearers = _ids(connection, BEARING.format(mart="persons", key="person_id"), about)
    led = _ids(connection, LED, about)
    at_home = _ids(connection, BEARING.format(mart="enterprises", key="orgnr"), about)
    sole = _ids(connection, SOLE, about | {"enterprises": [*led, *at_home]})
    hide_addresses_from_clerks(connection, sql.Identifier("homes_hidden"))
    connection.execute("drop table homes_hidden")
    for mart, key, ids, columns in (
        ("persons", "person_id", [*persons, *bearers], HOME),
        ("enterprises", "orgnr", [*led, *at_home], PREMISES),
        ("enterprises", "orgnr", sole, PLACE),
        ("inspections", "orgnr", sole, PLACE),
    ):
        cleared = ", ".join(f"{column} = null" for column in columns)
        is_there = f"num_nonnulls({', '.join(columns)}) > 0"
        query = f"update marts.{mart} set {cleared} where release_id = %s and {key} = any(%s) and {is_there}"  # noqa: S608  # names from above
        changed += connection.execute(query.encode(), [release_id, ids]).rowcount
        empty_kept(connection, release_id, (mart, key, ids), columns)
    changed += connection.execute(MARKED, about).rowcount
    mark_kept(connection, release_id, persons)
    if not changed:
        return
    for mart, statement in RECOUNTED:
        if warehouse.has_table(connection, mart):
            connection.execute(statement, about)
    for statement in UNMADE:
        connection.execute(statement, about)


def _ids(connection: psycopg.Connection, query: str, values: dict[str, Any]) -> list[str]:
    return [found for (found,) in connection.execute(query.encode(), values).fetchall()]


# Held until the connection ends: of two at once, such as a reception and a release, the second finds it done.
ONE_AT_A_TIME = "select pg_advisory_lock(hashtext('akrim.hidden_homes'))"
HEARD = """
with heard as materialized (select delivery_id from meta.heard_on_protection() as delivery_id)
select array(select delivery_id from heard order by 1),
    array(select delivery_id from heard join meta.delivery_withdrawals using (delivery_id) order by 1)
"""
# What is out was looked at by all that is known, or is looked at anew. The rest may have been made since. Rows outlast a release's files.
RELEASES = """
select r.release_id, r.published_at is not null as is_out
from meta.releases as r left join meta.hidden_homes as h using (release_id)
where exists (select from marts.persons as m where m.release_id = r.release_id) and not (
    r.published_at is not null and (h.heard, h.void, h.run_number, h.spelling)
        is not distinct from (%(heard)s::text[], %(void)s::text[], %(run_number)s, %(spelling)s)
)
order by r.sequence
"""
LOOKED_AT = """
insert into meta.hidden_homes as h (release_id, heard, void, run_number, spelling)
values (%(release)s, %(heard)s, %(void)s, %(run_number)s, %(spelling)s)
on conflict (release_id) do update
set heard = excluded.heard, void = excluded.void, run_number = excluded.run_number, spelling = excluded.spelling
"""
STATEMENT = "md5(row(p.agency, p.extract, p.record_id, p.identifier, p.previous_identifier, p.street_address, p.postcode)::text)"
HOMES_NOW = f"""
create temp table homes_now as
select distinct {STATEMENT} as statement, p.agency, p.record_id, p.identifier, p.previous_identifier, p.street_address, p.postcode
from meta.protections(%(heard)s, %(void)s) as p where p.grade is distinct from 'ugradert'
"""  # noqa: S608  # the expression above
# Whatever bears her number is hers, also where her own record has not been linked yet.
BY_NUMBER = """
    union select n.statement, r.source, r.source_record_id from intermediate.person_records as r join numbers as n on n.number = r.identifier
    union select n.statement, r.source, r.source_record_id from intermediate.person_records as r join numbers as n on n.number = r.previous_identifier
"""
PERSONS_NOW = """
create temp table persons_now as
with recursive numbers as (
    select statement, identifier as number from homes_now where identifier is not null
    union select statement, previous_identifier from homes_now where previous_identifier is not null
), records as (
    select statement, agency as source, record_id as source_record_id from homes_now {by_number}
), ids as (
    select records.statement, h.person_id from linkage.person_record_history as h join records using (source, source_record_id)
    union
    select ids.statement, c.old_person_id from ids
    join linkage.person_id_history as c on c.person_id = ids.person_id and c.change = 'merged'
)
select distinct statement, person_id from ids
"""
# As meta.protected_since has it.
SINCE = f"""
create temp table homes_since as
select * from homes_now
where statement not in (select {STATEMENT} from meta.protections_of(%(release)s) as p)
"""  # noqa: S608  # the expression above
PERSONS_SINCE = """
create temp table persons_since as
select distinct p.person_id from persons_now as p join homes_since using (statement)
where exists (
    select from marts.persons as m where (m.release_id, m.person_id) = (%(release)s, p.person_id) and (
        num_nonnulls(m.street_address, m.postcode, m.municipality_code, m.municipality_name) > 0 or not m.has_protected_address
    )
) or exists (
    select from marts.roles as r join marts.enterprises as e using (release_id, orgnr)
    where (r.release_id, r.person_id) = (%(release)s, p.person_id) and r.is_leading
        and num_nonnulls(e.street_address, e.postcode, e.city) > 0
)
"""
LOOKED_AT_BEFORE = f"""
delete from homes_since where statement in (
    select {STATEMENT} from meta.hidden_homes as h cross join lateral meta.protections(h.heard, h.void) as p
    where h.release_id = %(release)s and h.spelling = %(spelling)s and p.grade is distinct from 'ugradert'
)
"""  # noqa: S608  # the expression above
IS_ANY = "select 1 from homes_since union all select 1 from persons_since limit 1"
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
# To tell what an address may be known by takes longest, and most of a release's are those of the one before.
ADDRESSES_KNOWN = "create temp table addresses_known (street_address text, postcode text, digest bytea)"
# Equal digests have equal postcodes, where both have one. An address without any digest is learnt, too.
LEARN_ADDRESSES = """
insert into addresses_known
select new.street_address, new.postcode, digest
from (
    select street_address, coalesce(btrim(postcode), '') as postcode from marts.persons where release_id = %(release)s
    union select street_address, coalesce(btrim(postcode), '') from marts.enterprises where release_id = %(release)s
    except select street_address, postcode from addresses_known
) as new
left join lateral meta.borne_address_digests(new.street_address, new.postcode) as digest on true
where new.street_address is not null and (
    new.postcode in (select '' union all select postcode from homes_hidden) or exists (select from homes_hidden where postcode = '')
)
"""
BEARING = """
with digests as materialized (
    select distinct digest from homes_hidden cross join lateral meta.protected_address_digests(street_address, postcode) as digest
), borne as materialized (
    select street_address, postcode from addresses_known join digests using (digest) group by street_address, postcode
)
select distinct m.{key} from marts.{mart} as m
join borne on (borne.street_address, borne.postcode) = (m.street_address, coalesce(btrim(m.postcode), ''))
where m.release_id = %(release)s
"""
LOOKED_AT_BY_RUN = "select from meta.hidden_homes where run_number = %(run_number)s limit 1"
LED = "select distinct orgnr from marts.roles where release_id = %(release)s and person_id = any(%(persons)s) and is_leading"
SOLE = """
select orgnr from marts.enterprises where release_id = %(release)s and orgnr = any(%(enterprises)s) and legal_form_code = 'ENK'
"""
MARKED = """
update marts.persons set has_protected_address = true
where release_id = %(release)s and person_id = any(%(persons)s) and not has_protected_address
"""
# Counts by municipality, less those whose own is emptied: beside the rows that are left they would tell in which one she lived.
RECOUNTED = (
    (
        "marts.municipality_rates",
        """
        with residents as (
            select municipality_code, count(*)::integer as persons from marts.persons
            where release_id = %(release)s
                and person_id in (select person_id from marts.assessments where release_id = %(release)s)
            group by municipality_code
        ), workers as (
            select municipality_code, sum(worker_count)::integer as persons
            from marts.exposed_workers join marts.enterprises using (release_id, orgnr)
            where release_id = %(release)s group by municipality_code
        ), counted as (
            select municipality_code, least(persons_listed, coalesce(r.persons, 0)) as listed, least(worker_count, coalesce(w.persons, 0)) as working
            from marts.municipality_rates left join residents as r using (municipality_code) left join workers as w using (municipality_code)
            where release_id = %(release)s
        )
        update marts.municipality_rates as m
        set persons_listed = listed, persons_listed_per_10000 = round(10000.0 * listed / nullif(population, 0), 2),
            worker_count = working, workers_per_1000 = round(1000.0 * working / nullif(employed_persons, 0), 1)
        from counted as c
        where m.release_id = %(release)s and m.municipality_code = c.municipality_code and (m.persons_listed, m.worker_count) <> (listed, working)
        """,
    ),
    (
        "marts.municipality_rates",
        "delete from marts.municipality_rates where release_id = %(release)s and persons_listed = 0 and worker_count = 0",
    ),
    (
        "marts.national_counts",
        """
        with former as (
            delete from marts.national_counts where release_id = %(release)s and kind = 'municipality' returning scope
        ), listed as (
            select scope, person_id from marts.statuses where release_id = %(release)s and is_actor
            union select centre_id, person_id from marts.assessments where release_id = %(release)s and status is null
        )
        insert into marts.national_counts (release_id, scope, kind, code, persons)
        select %(release)s, scope, 'municipality', coalesce(municipality_code, 'unknown'), count(*)
        from listed join marts.persons using (person_id)
        where release_id = %(release)s and scope in (select scope from former)
        group by scope, municipality_code
        """,
    ),
)
# It no longer is what its pins make: should the home be freed again, it is to be made anew before it goes out.
UNMADE = (
    "update meta.releases set is_explained = false where release_id = %(release)s and published_at is null",
    # A run that is under way with it would say at its end that it is made: its next task refuses to go on.
    """
    delete from meta.workbench where release_id = %(release)s
        and release_id in (select release_id from meta.releases where published_at is null)""",
)
