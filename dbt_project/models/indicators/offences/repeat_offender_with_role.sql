with reports as (
    select * from {{ ref('reports_to_police') }}
    where may_add_points
        and reported_date <= {{ as_of() }}
        and {{ is_recent('reported_date', 'repeat_offender_with_role') }}
),

reported as (
    select
        person_id,
        count(distinct report_key) filter (where is_strict) >= 2 as is_strict
    from reports
    group by person_id
    having count(distinct report_key) >= 2
),

charged as (
    select *
    from {{ ref('police_cases_of_persons') }}
    where {{ is_charged() }} and {{ is_recent('reported_date', 'repeat_offender_with_role') }}
),

active_roles as (
    select *
    from {{ ref('person_roles') }}
    where is_active and not is_service_provider
),

with_role as (
    select
        person_id,
        bool_or(is_strict) as is_strict
    from active_roles
    group by person_id
),

cohort as (
    select
        charged.person_id,
        count(distinct charged.case_number) filter (where charged.is_strict) >= 2
        and bool_and(reported.is_strict)
        and bool_and(with_role.is_strict) as is_strict
    from charged
    inner join reported on charged.person_id = reported.person_id
    inner join with_role on charged.person_id = with_role.person_id
    group by charged.person_id
    having count(distinct charged.case_number) >= 2
),

newest as (
    select distinct on (person_id)
        person_id,
        case_number
    from charged
    order by person_id, is_strict desc, reported_date desc, case_number
),

evidence as (
    select
        charged.person_id,
        'politiet' as agency,
        'saker' as extract,
        case_number as source_row_id,
        reported_date as event_date,
        orgnr,
        case_number,
        charged.is_strict and cohort.is_strict as is_strict
    from charged
    inner join cohort on charged.person_id = cohort.person_id
    union all
    -- Those that the police have as a charge stand there.
    select
        reports.person_id,
        reports.agency,
        reports.extract,
        reports.source_row_id,
        reports.reported_date,
        null,
        null,
        reports.is_strict and cohort.is_strict
    from reports
    inner join cohort on reports.person_id = cohort.person_id
    where not exists (
            select 1 from charged
            where reports.agency = 'politiet'
                and charged.person_id = reports.person_id
                and charged.case_number = reports.source_row_id
        )
    union all
    -- A role that is held today counts however old it is, as long as the newest case does.
    select
        active_roles.person_id,
        'brreg',
        'roller',
        role_id,
        valid_from,
        orgnr,
        newest.case_number,
        active_roles.is_strict and cohort.is_strict
    from active_roles
    inner join cohort on active_roles.person_id = cohort.person_id
    inner join newest on active_roles.person_id = newest.person_id
),

{{ observations('repeat_offender_with_role', value='count(distinct case_number)', event='case_number') }}
