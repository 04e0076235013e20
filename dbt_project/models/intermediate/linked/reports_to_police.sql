{{ config(indexes=[{'columns': ['person_id']}]) }}

with cases as (
    select * from {{ ref('police_cases_of_persons') }}
),

agencies_own as (
    select
        events.person_id,
        events.agency,
        events.extract,
        events.source_row_id,
        events.reported_date,
        events.is_strict,
        reported.case_number,
        -- As the police have it of this person; whom they have nothing of, nobody convicted.
        coalesce(
            not theirs.may_add_points,
            outcomes.is_dropped or outcomes.outcome_code = 'frifinnelse' or outcomes.is_conviction,
            false
        ) as is_cleared
    from {{ ref('events_of_persons') }} as events
    left join {{ ref('stg_politiet__cases') }} as reported
        on events.agency = reported.reporter_code and events.source_row_id = reported.reporter_reference
    left join {{ ref('outcome_codes') }} as outcomes on reported.outcome_code = outcomes.outcome_code
    left join cases as theirs
        on events.person_id = theirs.person_id and reported.case_number = theirs.case_number
    where events.reported_date is not null
),

-- The same report seen from the agency and from the police is one, and so is one that became several cases.
rows_of_reports as (
    select
        person_id,
        agency,
        extract,
        source_row_id,
        reported_date,
        agency as reporter_code,
        source_row_id as reference,
        case_number,
        not is_cleared as may_add_points,
        is_strict
    from agencies_own
    union all
    select
        person_id,
        'politiet' as agency,
        'saker' as extract,
        case_number as source_row_id,
        reported_date,
        reporter_code,
        reporter_reference as reference,
        case_number,
        may_add_points,
        is_strict
    from cases
    where reporter_code in ('arbeidstilsynet', 'skatteetaten', 'nav')
),

-- By a case number where there is one, as the other rules on police cases name what happened.
reports as (
    select
        person_id,
        agency,
        extract,
        source_row_id,
        reported_date,
        coalesce(
            case
                when reference is not null
                    then min(case_number) over (partition by person_id, reporter_code, reference, may_add_points)
            end,
            case_number,
            reporter_code || ' ' || reference
        ) as report_key,
        may_add_points,
        is_strict
    from rows_of_reports
)

select * from reports
