-- Accountants and auditors that were engaged, for a day at least, while somebody led; of several roles of his, the
-- surest and oldest.
with engaged as (
    select distinct on (leaderships.person_id, roles.role_id)
        leaderships.person_id,
        leaderships.role_id,
        roles.orgnr,
        roles.role_code,
        roles.role_id as engaged_role_id,
        coalesce(roles.person_id, roles.holder_orgnr) as holder_id,
        roles.valid_from as event_date,
        leaderships.is_strict and coalesce(roles.is_strict, true) as is_strict
    from {{ ref('person_roles') }} as roles
    inner join {{ ref('leaderships') }} as leaderships on roles.orgnr = leaderships.orgnr
    where roles.role_code in ('REGN', 'REVI')
        and roles.valid_from <= {{ as_of() }}
        and coalesce(roles.valid_to > roles.valid_from, true)
        and {{ is_recent('roles.valid_from', 'frequent_accountant_changes') }}
        and {{ led_on('roles.valid_from') }}
        and {{ undisputed('leaderships', "'brreg'", "'roller'", 'roles.role_id') }}
    order by
        leaderships.person_id, roles.role_id,
        not leaderships.is_strict, leaderships.valid_from, leaderships.role_id
),

-- The years, each from one engagement on, in which so many had the same task.
years as (
    select
        one.person_id,
        one.orgnr,
        one.role_code,
        one.event_date as first_date,
        count(distinct other.holder_id) filter (where other.is_strict)
        >= {{ rule('frequent_accountant_changes').threshold }} as is_strict
    from engaged as one
    inner join engaged as other
        on one.person_id = other.person_id
            and one.orgnr = other.orgnr
            and one.role_code = other.role_code
            and other.event_date between one.event_date and one.event_date + {{ quantity('accountant_changes') }}
    group by one.person_id, one.orgnr, one.role_code, one.event_date
    having count(distinct other.holder_id) >= {{ rule('frequent_accountant_changes').threshold }}
),

-- As sure as a year in which it was: those of several years do not add up to one.
often as (
    select
        engaged.person_id,
        engaged.role_id,
        engaged.orgnr,
        engaged.role_code,
        engaged.engaged_role_id,
        engaged.holder_id,
        engaged.event_date,
        engaged.is_strict and bool_or(years.is_strict) as is_strict
    from engaged
    inner join years
        on engaged.person_id = years.person_id
            and engaged.orgnr = years.orgnr
            and engaged.role_code = years.role_code
            and engaged.event_date between years.first_date and years.first_date + {{ quantity('accountant_changes') }}
    group by
        engaged.person_id, engaged.role_id, engaged.orgnr, engaged.role_code, engaged.engaged_role_id,
        engaged.holder_id, engaged.event_date, engaged.is_strict
),

evidence as (
    {{ role_evidence('often', 'engaged_role_id', more="orgnr || role_code || holder_id as engagement,") }}
    union all
    {{ role_evidence('often', more='null as engagement,') }}
),

{{ observations('frequent_accountant_changes', value='count(distinct engagement)', by_role=true) }}
