with protected_records as (
    select
        source,
        source_record_id
    from {{ ref('stg_skatteetaten__persons') }}
    where is_address_protected
),

-- A person who disputes a row with a protected address is still protected: the grade holds until a valid row lifts it.
disputed_records as (
    select disputed.person_id
    from {{ ref('disputed_facts') }} as disputed
    inner join state.skatteetaten_personer({{ pinned('skatteetaten') }}) as records
        on disputed.source_row_id = records.part_id
    where disputed.agency = 'skatteetaten'
        and disputed.extract = 'personer'
        and coalesce(records.adressebeskyttelse, '') <> 'ugradert'
),

protected_persons as (
    select distinct person_links.person_id
    from protected_records
    inner join {{ ref('person_links') }} as person_links
        on protected_records.source = person_links.source
            and protected_records.source_record_id = person_links.source_record_id
    union
    select person_id from disputed_records
)

select * from protected_persons
