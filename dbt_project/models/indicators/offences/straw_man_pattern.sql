with bankruptcies as (
    select * from {{ ref('bankruptcies_led') }}
),

cases as (
    select *
    from {{ ref('police_cases_of_persons') }}
    where may_add_points and is_work_related and reported_date <= {{ as_of() }}
),

without_role as (
    select
        bankruptcies.person_id,
        bool_or(bankruptcies.is_strict) as is_strict
    from bankruptcies
    where not exists (
            select 1 from {{ ref('leaderships') }} as leaderships
            where leaderships.person_id = bankruptcies.person_id and leaderships.is_active
        )
    group by bankruptcies.person_id
),

evidence as (
    select
        cases.person_id,
        'politiet' as agency,
        'saker' as extract,
        case_number as source_row_id,
        reported_date as event_date,
        orgnr,
        cases.is_strict and without_role.is_strict as is_strict
    from cases
    inner join without_role on cases.person_id = without_role.person_id
    union all
    select
        bankruptcies.person_id,
        'brreg',
        'roller',
        role_id,
        bankruptcy_date,
        orgnr,
        bankruptcies.is_strict
    from bankruptcies
    inner join without_role on bankruptcies.person_id = without_role.person_id
),

{{ observations('straw_man_pattern', value="count(distinct source_row_id) filter (where extract = 'saker')") }}
