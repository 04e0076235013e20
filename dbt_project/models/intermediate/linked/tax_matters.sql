with matters as (
    select
        'kontroller' as extract,
        audit_id as source_row_id,
        audit_date as event_date,
        orgnr,
        source_record_id,
        audit_type_code,
        reported_date,
        null::bigint as amount_nok,
        false as has_distraint
    from {{ ref('stg_skatteetaten__audits') }}
    union all
    select
        'restanser',
        arrears_id,
        owed_date,
        orgnr,
        source_record_id,
        null,
        null,
        amount_nok,
        has_distraint
    from {{ ref('stg_skatteetaten__arrears') }}
),

-- It lies where the enterprise is, or where the person lives.
located as (
    select
        matters.extract,
        matters.source_row_id,
        matters.event_date,
        matters.orgnr,
        links.person_id,
        matters.audit_type_code,
        matters.reported_date,
        matters.amount_nok,
        matters.has_distraint,
        coalesce(enterprises.municipality_code, described.municipality_code) as municipality_code
    from matters
    left join {{ ref('registered_enterprises') }} as enterprises on matters.orgnr = enterprises.orgnr
    left join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and matters.source_record_id = links.source_record_id
    left join {{ ref('persons_described') }} as described on links.person_id = described.person_id
)

select * from located
