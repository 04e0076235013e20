"""What a new period changes: the records that came, went or differ, and every old one that reads differently because of them.

In go the staged records and what the base release kept (kept.py), out come `standard`, `units`, `told` and `told_by` of
the records to be made anew, and `replaced`, the record keys whose kept rows they take the place of. An old record is
made anew where its address, phone or name has become or ceased to be shared by many, and where a person number that
it shares came, went or was tied to another: then with all that bear such a number, so that units are found whole.
"""

import duckdb

from akrim.identifiers import ControlRule
from akrim.linkage.engine import count, tables
from akrim.linkage.records.descriptions import group_descriptions
from akrim.linkage.records.standardise import (
    IS_COMMON_NAME,
    IS_CROWDED,
    IS_SHARED_PHONE,
    even_out,
    mark_shared,
)
from akrim.linkage.records.units import build_units
from akrim.linkage.store import postgres as store

# From this share on, making everything anew is no dearer.
LARGEST_CHANGE = 0.3


@tables(
    reads="digests kept_standard placed records standard",
    writes="common_names crowded replaced shared_phones standard",
)
def find_change(con: duckdb.DuckDBPyConnection, rule: ControlRule) -> bool:
    """Build the tables of what is made anew, from `digests`; false where so much has changed that everything is."""
    con.execute(
        "create or replace temp table leaving as select record_key from kept_standard anti join digests using (digest)"
    )
    con.execute(
        "create or replace temp table arriving_digests as from digests anti join kept_standard using (digest)"
    )
    if count(con, "arriving_digests") + count(con, "leaving") > LARGEST_CHANGE * count(con, "digests"):
        return False
    store.load_records(con, [row[0] for row in con.execute("from arriving_digests").fetchall()])
    even_out(con, rule)
    con.execute(f"create or replace temp view staying as {STAYING}")
    con.execute(f"create or replace temp table altered as {ALTERED}")
    for table, query in TURNED.items():
        con.execute(f"create or replace temp table {table} as {query}")
    _find_fellows(con)
    mark_shared(con)
    con.execute(f"create or replace temp table standard as {MADE_ANEW}")
    con.execute(f"create or replace temp table replaced as {REPLACED}")
    build_units(con)
    group_descriptions(con)
    return True


STAYING = "select * from kept_standard anti join leaving using (record_key)"
TOUCHING_COLUMNS = "address, postcode, phone_number, given, family, given_sound, family_sound, family_first_sound, national_number, d_number, previous_d_number"
ALTERED = f"""
select {TOUCHING_COLUMNS} from placed
union all select {TOUCHING_COLUMNS} from kept_standard semi join leaving using (record_key)
"""  # noqa: S608  # columns and conditions named here

_EVERYBODY = "(select {columns} from staying union all select {columns} from placed)"
_NAMES = "given_sound, family_sound"
# How each address, phone and name that a changed record states is shared now; those of new records are among them.
TURNED = {
    "addresses_now": f"""
        with stated as (select distinct address, postcode from altered where address is not null)
        select s.address, s.postcode, {IS_CROWDED} as holds
        from stated s left join {_EVERYBODY.format(columns=f"address, postcode, {_NAMES}")} e
            on e.address = s.address and e.postcode is not distinct from s.postcode group by all""",  # noqa: S608  # columns and conditions named here
    "phones_now": f"""
        with stated as (select distinct phone_number from altered where phone_number is not null)
        select s.phone_number, {IS_SHARED_PHONE} as holds
        from stated s left join {_EVERYBODY.format(columns=f"phone_number, {_NAMES}")} e using (phone_number) group by all""",  # noqa: S608  # columns and conditions named here
    "names_now": f"""
        with stated as (
            select distinct unnest([two_words(given_sound, family_sound), two_words(given_sound, family_first_sound)])
                as name_sound from altered
        ),
        borne as (
            select two_words(given_sound, family_sound) as name_sound
            from {_EVERYBODY.format(columns=f"given, family, {_NAMES}")} where given is not null and family is not null
        )
        select name_sound, {IS_COMMON_NAME} as holds from stated left join borne using (name_sound) group by all""",  # noqa: S608  # columns and conditions named here
    "crowded": "select address, postcode from addresses_now where holds",
    "shared_phones": "select phone_number from phones_now where holds",
    "common_names": "select name_sound from names_now where holds",
}
_SHARED_NOW = """
left join addresses_now a on a.address = s.address and a.postcode is not distinct from s.postcode
left join phones_now p on p.phone_number = s.phone_number
left join names_now n on n.name_sound = s.name_sound
left join names_now m on m.name_sound = two_words(s.given_sound, s.family_first_sound)
"""
TURNED_RECORDS = f"""
select s.record_key, s.national_number, s.d_number, s.previous_d_number from staying s {_SHARED_NOW}
where a.holds <> s.is_crowded or p.holds <> s.is_shared_phone or n.holds <> (s.rare_name is null)
    or m.holds <> (s.rare_first_name is null)
"""  # noqa: S608  # columns and conditions named here


def _find_fellows(con: duckdb.DuckDBPyConnection) -> None:
    """Build `fellows`: the records that stay, but are made anew with those that changed."""
    con.execute(f"create or replace temp table turned as {TURNED_RECORDS}")
    con.execute(f"create or replace temp table number_pairs as {NUMBER_PAIRS}")
    con.execute(f"create or replace temp table reached as {REACHED}")
    while True:  # along the ties of numbers, seldom more than twice
        found = con.execute(FURTHER).fetchall()
        if not found:
            break
        con.executemany("insert into reached values (?)", found)
    con.execute(f"create or replace temp table fellows as {FELLOWS}")


NUMBER_PAIRS = """
select distinct previous_d_number, national_number from (
    select previous_d_number, national_number from staying
    union all select previous_d_number, national_number from altered
) where previous_d_number is not null and national_number is not null
"""
REACHED = """
select distinct unnest([national_number, d_number, case when national_number is not null then previous_d_number end]) as number
from (select national_number, d_number, previous_d_number from altered
    union all select national_number, d_number, previous_d_number from turned)
"""
FURTHER = """
select number from (
    select previous_d_number as number from number_pairs where national_number in (from reached)
    union select national_number from number_pairs where previous_d_number in (from reached)
) anti join reached using (number)
"""
FELLOWS = """
select record_key from turned
union select record_key from staying semi join reached on reached.number = national_number
union select record_key from staying semi join reached on reached.number = d_number
"""
MADE_ANEW = f"""
select s.*, r.digest from standard s join records r on r.source || '/' || r.source_record_id = s.record_key
union all by name
select s.* replace (coalesce(a.holds, s.is_crowded) as is_crowded, coalesce(p.holds, s.is_shared_phone) as is_shared_phone,
    case n.holds when true then null when false then s.name_sound else s.rare_name end as rare_name,
    case m.holds when true then null when false then two_words(s.given_sound, s.family_first_sound)
        else s.rare_first_name end as rare_first_name)
from staying s semi join fellows using (record_key) {_SHARED_NOW}
"""  # noqa: S608  # columns and conditions named here
REPLACED = "select record_key from leaving union select record_key from standard"
