with reported as (
    select person_id
    from {{ ref('reports_to_police') }}
    where may_add_points and reported_date <= {{ as_of() }}
    group by person_id
    having count(distinct report_key) >= 2
),

charged as (
    select *
    from {{ ref('police_cases_of_persons') }}
    where may_add_points
        and is_work_related
        and involvement_code in ('siktet', 'domfelt')
        and reported_date <= {{ as_of() }}
),

active_roles as (
    select *
    from {{ ref('person_roles') }}
    where is_active and not is_service_provider
),

cohort as (
    select charged.person_id
    from charged
    inner join reported on charged.person_id = reported.person_id
    where exists (
            select 1 from active_roles
            where active_roles.person_id = charged.person_id
        )
    group by charged.person_id
    having count(distinct charged.case_number) >= 2
),

evidence as (
    select
        charged.person_id,
        'politiet' as agency,
        'saker' as extract,
        case_number as source_row_id,
        reported_date as event_date,
        orgnr
    from charged
    inner join cohort on charged.person_id = cohort.person_id
    union all
    select
        active_roles.person_id,
        'brreg',
        'roller',
        role_id,
        valid_from,
        orgnr
    from active_roles
    inner join cohort on active_roles.person_id = cohort.person_id
),

{{ observations('repeat_offender_with_role', value="count(distinct source_row_id) filter (where extract = 'saker')") }}
