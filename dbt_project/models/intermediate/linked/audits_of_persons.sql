with audits as (
    select
        audit_id,
        orgnr,
        source_record_id,
        audit_type_code,
        audit_date as event_date,
        has_fictitious_invoice,
        coalesce(reassessed_vat_amount_nok, 0)
        + coalesce(reassessed_tax_amount_nok, 0)
        + coalesce(penalty_tax_amount_nok, 0) as reassessed_amount_nok
    from {{ ref('stg_skatteetaten__audits') }}
    where audit_date <= {{ as_of() }}
),

leaderships as (
    select * from {{ ref('leaderships') }}
),

own as (
    select
        links.person_id,
        audits.*,
        null::text as role_id,
        links.is_strict
    from audits
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and audits.source_record_id = links.source_record_id
),

of_led_enterprises as (
    select distinct on (leaderships.person_id, audits.audit_id)
        leaderships.person_id,
        audits.*,
        leaderships.role_id,
        leaderships.is_strict
    from audits
    inner join leaderships on audits.orgnr = leaderships.orgnr
    where {{ led_within(365, 'audits.event_date') }}
    order by
        leaderships.person_id, audits.audit_id,
        not leaderships.is_strict, leaderships.valid_from, leaderships.role_id
),

audited as (
    select * from own
    union all
    select * from of_led_enterprises
)

select * from audited
where {{ undisputed('audited', "'skatteetaten'", "'kontroller'", 'audited.audit_id') }}
