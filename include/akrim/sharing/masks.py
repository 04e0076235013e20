"""What is put in the place of a value that a centre may not know, by the names of columns.yml: SQL in which {0} is the column.

The temporary tables that it asks are those of centre_rows.CENTRE_SCOPE.
"""

from akrim.texts import LANGUAGES_OF_MARTS

# A sole proprietor's business address is often the home of a person whom the centre has nothing to do with.
OWN_PROPRIETORS = """case when legal_form_code <> 'ENK' or exists (
    select 1 from marts.roles as r join centre_persons using (person_id)
    where r.release_id = enterprises.release_id and r.orgnr = enterprises.orgnr and r.role_code = 'INNH'
) then {0} end"""
# A row about somebody who worked for the person: the centre may know that it exists, not whose it is.
OWN_ITEM = """case when item ->> 'agency' = 'nav' or item ->> 'extract' in ('personer_paa_stedet', 'arbeidsforhold')
    then item - 'source_row_id' else item end"""
OWN_ROWS = """case when indicator_code in ('benefit_while_leading', 'known_to_agencies', 'leads_through_others',
    'role_handed_over') then {0} else (
    select jsonb_agg({item} order by place) from jsonb_array_elements({0}) with ordinality as items (item, place)
) end""".replace("{item}", OWN_ITEM)
# What a person disputes may be a row of which the centre may not know, or one about somebody who worked for the person.
OWN_DISPUTES = """(
    select coalesce(jsonb_agg({item} order by place), '[]')
    from jsonb_array_elements({0}) with ordinality as items (item, place)
    where (item ->> 'agency', item ->> 'extract') not in (select agency, extract from centre_closed)
)""".replace("{item}", OWN_ITEM)
# Nor that she does: what is disputed stands with whoever is on a list.
OWN_CORRECTED = """case when {0} and exists (select from centre_closed) then exists (
    select from marts.assessments as a cross join jsonb_array_elements(a.disputes) as item
    where a.release_id = actor_changes.release_id and a.person_id = actor_changes.person_id
        and (item ->> 'since')::date > actor_changes.decided_date
        and (item ->> 'agency', item ->> 'extract') not in (select agency, extract from centre_closed)
) else {0} end"""
OF_OWN_PERSONS = "case when person_id in (select person_id from centre_persons) then {0} end"
# Whoever is to decide on a nominated person must know which of several of one name it is.
OF_PRESENTED_PERSONS = """case when person_id in (select person_id from centre_persons)
    or person_id in (select person_id from centre_nominated) then {0} end"""
OWN_PERSON = "case when {0} in (select person_id from centre_persons) then {0} end"
# Of a rule that is withheld a centre is told nothing, or whether it fired: no points, evidence or explanation, and not that it could not be
# checked for this person, which would tell that she disputes what the centre may not know.
OF_SHARED_RULES = "case when indicator_code not in (select indicator_code from centre_rules) then {0} end"
TOLD = """case (select told from centre_rules as r where r.indicator_code = indicator_observations.indicator_code)
    when 'nothing' then 'withheld'
    when 'hit' then case
        when checked = 'unavailable' and indicator_code in (select indicator_code from centre_unchecked) then checked
        when checked = 'fired' then 'hit' else 'no_hit' end
    else checked
end"""
EXPLAINED = """case when ({told}) not in ('withheld', 'hit', 'no_hit') then {0} else (
    select text from seeds.labels where code_list = 'unmet' and language = '{language}' and code = ({told})
) end"""
# What is known of a person is shared by the agency whose record it is from, and not where it may not be told that there is one.
OF_AGENCY = """{0}_agency not in (
    select agency from centre_withheld where category in ('{1}', 'known', 'presence', 'role')
)"""
NOT_WITHHELD_PROTECTION = (
    "case when not exists (select from centre_withheld where category = 'protection') then {0} end"
)
# How many records there are, and how weakly one of them is tied, tells of an agency that may not be told of.
OF_ALL_RECORDS = """case when not exists (
    select from centre_withheld where category in ('known', 'presence', 'role')
) then {0} end"""
SHARED_AGENCIES = """array(
    select agency from unnest({0}) with ordinality as listed (agency, place)
    where agency not in (select agency from centre_withheld where category in ('known', 'presence', 'inspection', 'role'{also}))
    {beside}order by place
)"""
# A control of an enterprise alone makes its agency know whoever led it, which may not be known without roles.
BY_OWN_RECORD = """and (agency in (
        select unnest(p.agencies) from marts.persons as p
        where p.release_id = coordination.release_id and p.person_id = coordination.person_id
    ) or not exists (select from centre_withheld where category in ('role', 'business')))
    """
# Who else is on any list, at other centres too, and how many: that may be by a rule of which this centre is not told.
OF_ALL_RULES = "case when not exists (select from centre_rules) then {0} end"
TOLD_NETWORK = "(select told_id from centre_networks where whole_id = {0})"
TOLD_GROUP = f"case group_kind when 'network' then {TOLD_NETWORK} else {{0}} end"

# How many rows there are of what this centre is not told.
OF_SHARED_EXTRACTS = """case when not exists (
    select from centre_withheld as w join seeds.data_origins as o using (agency, category) where agency = extract_ages.agency
) then {0} end"""


def _of_agency(what: str, category: str, shown: str) -> str:
    return f"case when coalesce({OF_AGENCY.format(what, category)}, true) then {shown} end"


# By their names in columns.yml. Fewer than five workers could be identified. The marts have no protected addresses;
# `own_addresses` is a second check.
MASKS = {
    "own_proprietors": OWN_PROPRIETORS,
    "own_disputes": OWN_DISPUTES,
    "own_corrected": OWN_CORRECTED,
    "own_rows": f"coalesce({OF_SHARED_RULES.replace('{0}', OWN_ROWS)}, '[]')",
    "five_or_more": "case when {0} >= 5 then {0} end",
    "own_addresses": _of_agency(
        "address",
        "address",
        "case when not has_protected_address and person_id in (select person_id from centre_persons) then {0} end",
    ),
    "named": f"coalesce({_of_agency('name', 'name', '{0}')}, person_id)",
    "own_names": _of_agency("name", "name", OF_OWN_PERSONS),
    "presented_birth_dates": _of_agency("birth_date", "birth_date", OF_PRESENTED_PERSONS),
    "own_protection": OF_OWN_PERSONS.replace("{0}", NOT_WITHHELD_PROTECTION),
    "own_records": OF_OWN_PERSONS.replace("{0}", OF_ALL_RECORDS),
    "of_all_records": OF_ALL_RECORDS,
    "own_agencies": OF_OWN_PERSONS.replace(
        "{0}", SHARED_AGENCIES.replace("{also}", "").replace("{beside}", "")
    ),
    "shared_agencies": SHARED_AGENCIES.replace("{also}", ", 'tax_control'").replace(
        "{beside}", BY_OWN_RECORD
    ),
    "of_shared_rules": OF_SHARED_RULES,
    "shared_events": f"coalesce({OF_SHARED_RULES}, '[]')",
    "points_of_shared_rules": f"coalesce({OF_SHARED_RULES}, 0)",
    "told": TOLD,
    **{
        f"explained_{language}": EXPLAINED.replace("{told}", TOLD).replace("{language}", language)
        for language in LANGUAGES_OF_MARTS
    },
    "of_all_rules": OF_ALL_RULES,
    "of_shared_extracts": OF_SHARED_EXTRACTS,
    "told_network": TOLD_NETWORK,
    "told_group": TOLD_GROUP,
    "own_persons": OF_ALL_RULES.replace("{0}", OWN_PERSON),
    "of_own_members": OF_ALL_RULES.replace(
        "{0}",
        "case when member_kind = 'enterprise' or member_id in (select person_id from centre_persons) then {0} end",
    ),
}
