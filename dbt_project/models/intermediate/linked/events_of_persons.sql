{# What the agencies hold on the person herself, not on an enterprise: one row per source row. #}
with links as (
    select * from {{ ref('person_links') }}
),

events as (
    select
        'skatteetaten' as source,
        source_record_id,
        'kontroller' as extract,
        audit_id as source_row_id,
        'tax_control' as category,
        audit_date as event_date,
        reported_date,
        has_fictitious_invoice
        or coalesce(reassessed_vat_amount_nok, 0) + coalesce(reassessed_tax_amount_nok, 0) > 0 as has_finding
    from {{ ref('stg_skatteetaten__audits') }}
    union all
    select
        'skatteetaten',
        source_record_id,
        'restanser',
        arrears_id,
        'tax_arrears',
        owed_date,
        null,
        false
    from {{ ref('stg_skatteetaten__arrears') }}
    union all
    select
        'nav',
        source_record_id,
        'saker',
        benefit_case_id,
        'benefit',
        benefit_from,
        reported_date,
        is_decision_changed or coalesce(overpaid_amount_nok, 0) > 0
    from {{ ref('stg_nav__benefit_cases') }}
    union all
    select
        source,
        source_record_id,
        extract,
        source_record_id,
        'presence',
        null,
        null,
        false
    from {{ ref('stg_arbeidstilsynet__persons') }}
    where observed_role_code = 'leder'
),

of_persons as (
    select
        links.person_id,
        events.source as agency,
        events.extract,
        events.source_row_id,
        events.category,
        events.event_date,
        events.reported_date,
        coalesce(events.has_finding, false) as has_finding,
        links.is_strict
    from events
    inner join links on events.source = links.source and events.source_record_id = links.source_record_id
)

select * from of_persons
where {{ undisputed('of_persons', 'of_persons.agency', 'of_persons.extract', 'of_persons.source_row_id') }}
