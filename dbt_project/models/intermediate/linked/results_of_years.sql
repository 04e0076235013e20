with persons as (
    select
        links.source,
        links.source_record_id,
        links.person_id,
        described.municipality_code
    from {{ ref('person_links') }} as links
    left join {{ ref('persons_described') }} as described on links.person_id = described.person_id
    where links.source in ('nav', 'arbeidstilsynet')
),

inspections as (
    select * from {{ ref('inspections_assessed') }}
),

audits as (
    select * from {{ ref('tax_matters') }}
    where extract = 'kontroller'
),

events (measure, event_date, counted, amount_nok, municipality_code) as (
    select
        measures.measure,
        inspections.inspection_date,
        measures.counted,
        null::bigint,
        inspections.municipality_code
    from inspections
    cross join
        lateral (
            values
            ('R_inspections', inspection_id),
            ('R_severe_inspections', case when is_severe then inspection_id end),
            ('R_joint_operations', joint_operation_id),
            ('R_enterprises_controlled', orgnr)
        ) as measures (measure, counted)
    where measures.counted is not null
    union all
    select
        measures.measure,
        audits.event_date,
        measures.counted,
        null,
        audits.municipality_code
    from audits
    cross join
        lateral (
            values
            ('R_enterprises_controlled', orgnr),
            ('R_persons_controlled', person_id),
            ('R_detection_controls', case when audit_type_code = 'avdekking' then source_row_id end)
        ) as measures (measure, counted)
    where measures.counted is not null
    union all
    select
        'R_persons_controlled',
        inspections.inspection_date,
        persons.person_id,
        null,
        inspections.municipality_code
    from {{ ref('stg_arbeidstilsynet__persons') }} as observed
    inner join inspections on observed.inspection_id = inspections.inspection_id
    inner join persons
        on persons.source = 'arbeidstilsynet' and observed.source_record_id = persons.source_record_id
    union all
    select
        'R_benefit_changes',
        cases.benefit_from,
        cases.benefit_case_id,
        null,
        persons.municipality_code
    from {{ ref('stg_nav__benefit_cases') }} as cases
    left join persons on persons.source = 'nav' and cases.source_record_id = persons.source_record_id
    where cases.is_decision_changed
    union all
    select
        case reactions.reaction_code
            when 'stans_fare' then 'R_stops_danger'
            when 'stans_press' then 'R_stops_pressure'
            when 'tvangsmulkt' then 'R_coercive_fines'
            when 'overtredelsesgebyr' then 'R_administrative_fines'
        end,
        inspections.inspection_date,
        inspections.inspection_id,
        null,
        inspections.municipality_code
    from {{ ref('reactions_decided') }} as reactions
    inner join inspections on reactions.inspection_id = inspections.inspection_id
    where not reactions.is_reversed and reactions.reaction_code not in ('paalegg', 'politianmeldelse')
    union all
    select
        'R_secured',
        event_date,
        source_row_id,
        amount_nok,
        municipality_code
    from {{ ref('tax_matters') }}
    where has_distraint
    union all
    select
        'R_police_reports',
        report_date,
        reporting_agency || ' ' || reference,
        null,
        municipality_code
    from {{ ref('agency_reports') }}
    where not is_withdrawn
)

select
    measure,
    extract(year from event_date)::integer as event_year,
    counted,
    amount_nok,
    municipality_code
from events
where event_date between {{ six_closed_years_start() }} and {{ as_of() }}
