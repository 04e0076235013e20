with evidence as (
    select
        person_id,
        agency,
        extract,
        source_row_id,
        reported_date as event_date,
        null::text as orgnr,
        report_key,
        is_strict
    from {{ ref('reports_to_police') }}
    where may_add_points and reported_date <= {{ as_of() }}
),

{{ observations('reported_repeatedly', value='count(distinct report_key)', event='report_key') }}
