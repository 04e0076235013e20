with evidence as (
    select
        person_id,
        'politiet' as agency,
        'saker' as extract,
        case_number as source_row_id,
        coalesce(outcome_date, reported_date) as event_date,
        orgnr,
        is_strict
    from {{ ref('police_cases_of_persons') }}
    where is_conviction
        and is_work_related
        and coalesce(outcome_date, reported_date) <= {{ as_of() }}
),

{{ observations('convicted', value='count(distinct source_row_id)', event='source_row_id') }}
