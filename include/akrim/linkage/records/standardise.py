"""Standardises person records as delivered, in DuckDB: `standard` has one row for each row of `records`.

`records` has the columns of intermediate.person_records, any of them missing or empty, and their digest where they come
from the warehouse; no row is dropped. A missing birth date is read from a valid person number, and an address or phone
that many persons share is marked, since it is weak evidence.
"""

from pathlib import Path

import duckdb

from akrim.identifiers import ControlRule, is_person_number_sql
from akrim.linkage.engine import tables
from akrim.linkage.records.text import create_macros

KEY_COLUMNS = ("source", "extract", "source_record_id")
TEXT_COLUMNS = (
    "identifier", "previous_identifier", "given_name", "middle_name", "family_name", "street_address", "postcode",
    "municipality_code", "phone",
)  # fmt: skip
# What texts are compared by: edit distance takes time and memory by both lengths, and a contract lets a name be a mebibyte.
LONGEST_COMPARED = 300
RECORD_COLUMNS = (*KEY_COLUMNS, *TEXT_COLUMNS, "birth_date")

# With this many differently named persons, an address is a hostel or a barracks, a phone an employer's.
SHARED_ADDRESS_NAMES = 8
SHARED_PHONE_NAMES = 4
# A full name in more descriptions than this is useless for blocking.
COMMON_NAME_DESCRIPTIONS = 30

# Foreign tables may have dates as text, digits (19790218) or timestamps.
BIRTH_DATE = "coalesce(try_cast(birth_date::varchar as date), try_strptime(date_digits(birth_date::varchar), '%Y%m%d')::date)"

NICKNAMES = Path(__file__).parents[1] / "lists" / "nicknames.csv"


@tables(reads="cleaned", writes="common_names crowded shared_phones")
def standardise(con: duckdb.DuckDBPyConnection, rule: ControlRule = "strict") -> None:
    """Build `standard` from `records`."""
    standardise_texts(con, rule)
    for table, query in SHARED.items():
        con.execute(f"create or replace temp table {table} as {query}")
    mark_shared_values(con)


@tables(reads="records", writes="cleaned")
def standardise_texts(con: duckdb.DuckDBPyConnection, rule: ControlRule) -> None:
    """Build `cleaned` from `records`, which are dropped: all that does not depend on other records."""
    create_macros(con)
    con.execute(
        "create or replace temp table nicknames as"
        " select name, min(formal) as formal from read_csv(?, all_varchar = true) group by name",
        [str(NICKNAMES)],
    )
    con.execute(f"create or replace temp view present as {_present_sql(con)}")
    distinct_values = {"names": NAMES, "numbers": _numbers_sql(rule), "places": PLACES}
    for table, query in distinct_values.items():
        con.execute(f"create or replace temp table {table} as {query}")
    con.execute(f"create or replace temp table cleaned as {CLEANED}")
    for table in distinct_values:
        con.execute(f"drop table {table}")
    con.execute("drop view present")
    con.execute("drop table records")


@tables(reads="cleaned common_names crowded shared_phones", writes="standard")
def mark_shared_values(con: duckdb.DuckDBPyConnection) -> None:
    """Build `standard` from `cleaned`, with marks from `crowded`, `shared_phones` and `common_names`."""
    con.execute(f"create or replace temp table standard as {STANDARD}")
    con.execute("drop table cleaned")


def _present_sql(con: duckdb.DuckDBPyConnection) -> str:
    """Every expected column as text, as long as it is compared; null where the table lacks it or has an empty string."""
    present = {row[0] for row in con.execute("describe records").fetchall()}
    text = [
        f"nullif(left(trim({name}::varchar), {LONGEST_COMPARED}), '') as {name}"
        if name in present
        else f"null::varchar as {name}"
        for name in TEXT_COLUMNS
    ]
    extract = "coalesce(extract::varchar, '')" if "extract" in present else "''"
    births = ("null::date as birth_date", "null::varchar as impossible_birth_date")
    if "birth_date" in present:
        impossible = f"case when {BIRTH_DATE} is null then date_digits(birth_date::varchar) end"
        births = (f"{BIRTH_DATE} as birth_date", f"{impossible} as impossible_birth_date")
    keys = [
        "source::varchar as source",
        f"{extract} as extract",
        "source_record_id::varchar as source_record_id",
        "source || '/' || source_record_id as record_key",
    ]
    digest = ["digest"] if "digest" in present else []
    return f"select {', '.join([*keys, *text, *births, *digest])} from records"


# Names, person numbers and addresses recur: each distinct value is standardised once.
NAMES = """
with stated as (select distinct unnest([given_name, middle_name, family_name]) as text from present),
spelled as (select text, spell(fold(text)) as spelled from stated where text is not null)
select text, spelled, first_word(spelled) as first_word, last_word(spelled) as last_word,
    sound(first_word(spelled)) as first_sound, sound(last_word(spelled)) as last_sound,
    coalesce(formal, first_word(spelled)) as formal
from spelled left join nicknames on name = first_word(spelled)
"""


def _numbers_sql(rule: ControlRule) -> str:
    """Each number with the birth date in it, where it is valid; the three digits after the date give the century."""
    return f"""
    with stated as (select distinct unnest([identifier, previous_identifier]) as text from present),
    judged as (
        select text, digits(text) as digits, case when {is_person_number_sql("text", rule)} then text end as valid
        from stated where text is not null
    ),
    parts as (
        select *, substr(valid, 1, 2)::int % 40 as day, substr(valid, 3, 2)::int as month,
            substr(valid, 5, 2)::int as year, substr(valid, 7, 3)::int as serial
        from judged
    )
    select text, digits, valid, try_cast(
        (case when serial < 500 then 1900 when serial < 750 and year >= 54 then 1800 when year < 40 then 2000 else 1900 end + year)
        || '-' || case when month > 80 then month - 80 when month > 65 then month - 65 when month > 40 then month - 40 else month end
        || '-' || day as date) as birth_date
    from parts
    """


# The street is the first word, after the house number where that comes first.
PLACES = """
with stated as (select distinct street_address as text from present where street_address is not null),
spelled as (select text, spell(fold(text)) as spelled from stated)
select text, replace(spelled, ' ', '') as address,
    nullif(regexp_replace(regexp_replace(spelled, '^[0-9]+[a-z]? ', ''), '[ 0-9].*$', ''), '') as street
from spelled
"""
CLEANED = """
select s.* exclude (street_address, birth_date, postcode, municipality_code), g.spelled as given_words, m.spelled as middle_words,
    f.spelled as family, g.first_word as given,
    string_split(nullif(trim(concat_ws(' ', nullif(substr(g.spelled, length(g.first_word) + 2), ''), m.spelled)), ''), ' ')
        as further_names,
    f.last_word as family_last, words(f.spelled) as family_words, g.first_sound as given_sound,
    f.last_sound as family_sound, f.first_sound as family_first_sound, g.formal as given_formal,
    n.digits as identifier_digits, n.valid as valid_number, o.valid as valid_previous,
    case when n.valid < '4' then n.valid end as national_number, case when n.valid >= '4' then n.valid end as d_number,
    case when o.valid >= '4' then o.valid end as previous_d_number, n.birth_date as number_birth_date,
    coalesce(s.birth_date, n.birth_date) as birth_date, s.birth_date as stated_birth_date,
    a.address, a.street, upper(replace(s.postcode, ' ', '')) as postcode, upper(trim(s.municipality_code)) as municipality,
    right(digits(s.phone), 8) as phone_number
from present s left join names g on g.text = s.given_name left join names m on m.text = s.middle_name
left join names f on f.text = s.family_name left join numbers n on n.text = s.identifier
left join numbers o on o.text = s.previous_identifier left join places a on a.text = s.street_address
"""


NAME_SOUNDS = "concat_ws(' ', given_sound, family_sound)"
# Values shared by many are weak evidence; each condition aggregates all records with the value.
IS_CROWDED = f"count(distinct {NAME_SOUNDS}) >= {SHARED_ADDRESS_NAMES}"
IS_SHARED_PHONE = f"count(distinct {NAME_SOUNDS}) >= {SHARED_PHONE_NAMES}"
IS_COMMON_NAME = f"count(*) > {COMMON_NAME_DESCRIPTIONS}"
SHARED = {
    "crowded": f"select address, postcode from cleaned where address is not null group by all having {IS_CROWDED}",
    "shared_phones": (
        f"select phone_number from cleaned where phone_number is not null group by all having {IS_SHARED_PHONE}"
    ),
    "common_names": (
        "select two_words(given_sound, family_sound) as name_sound from cleaned"
        f" where given is not null and family is not null group by all having {IS_COMMON_NAME}"
    ),
}
STANDARD = """
select p.*, c.address is not null as is_crowded, s.phone_number is not null as is_shared_phone,
    case when n.name_sound is null then two_words(given_sound, family_sound) end as rare_name,
    case when m.name_sound is null then two_words(given_sound, family_first_sound) end as rare_first_name,
    two_words(given_sound, family_sound) as name_sound, swap_safe(birth_date) as birth_key,
    p.family <> p.family_last as is_double_name,
    least(left(given, 1), left(family, 1)) || greatest(left(given, 1), left(family, 1)) as initials
from cleaned p
left join crowded c on c.address = p.address and c.postcode is not distinct from p.postcode
left join shared_phones s on s.phone_number = p.phone_number
left join common_names n on n.name_sound = two_words(p.given_sound, p.family_sound)
left join common_names m on m.name_sound = two_words(p.given_sound, p.family_first_sound)
"""
