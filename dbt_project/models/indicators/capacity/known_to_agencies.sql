-- An agency that looked and found nothing knows of nothing. It gives no points: each of these facts counts by the rule
-- that looks for it.
with evidence as (
    select
        person_id,
        agency,
        extract,
        source_row_id,
        event_date,
        null::text as orgnr,
        is_strict
    from {{ ref('events_of_persons') }}
    where has_finding and event_date <= {{ as_of() }}
    union all
    select
        person_id,
        'politiet',
        'saker',
        case_number,
        reported_date,
        orgnr,
        is_strict
    from {{ ref('police_cases_of_persons') }}
    where may_add_points and is_work_related and reported_date <= {{ as_of() }}
    union all
    select
        person_id,
        'arbeidstilsynet',
        'tilsyn',
        inspection_id,
        event_date,
        orgnr,
        is_strict
    from {{ ref('inspections_led') }}
    where is_severe or reaction_count > 0
    union all
    select
        person_id,
        'skatteetaten',
        'kontroller',
        audit_id,
        event_date,
        orgnr,
        is_strict
    from {{ ref('audits_of_persons') }}
    where has_fictitious_invoice or reassessed_amount_nok > 0
),

{{ observations('known_to_agencies', value='count(distinct agency)') }}
