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
    where {{ is_charged() }}
),

{{ observations('several_offences', value='count(distinct source_row_id)', event='source_row_id') }}
