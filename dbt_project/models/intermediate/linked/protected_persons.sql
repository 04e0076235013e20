with protected_records as (
    select
        source,
        source_record_id
    from {{ ref('stg_skatteetaten__persons') }}
    where is_address_protected
),

protected_persons as (
    select distinct person_links.person_id
    from protected_records
    inner join {{ ref('person_links') }} as person_links
        on protected_records.source = person_links.source
            and protected_records.source_record_id = person_links.source_record_id
)

select * from protected_persons
