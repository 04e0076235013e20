with evidence as (
    select
        person_id,
        'politiet' as agency,
        'saker' as extract,
        case_number as source_row_id,
        reported_date as event_date,
        orgnr,
        is_strict
    from {{ ref('police_cases_of_persons') }}
    where may_add_points
        and is_work_related
        and involvement_code in ('siktet', 'domfelt')
        and reported_date <= {{ as_of() }}
),

{{ observations('several_offences', value='count(distinct source_row_id)') }}
