with protected_records as (
    select * from {{ ref('protected_records') }}
),

-- Where the protected record is gone, those that were one person with it are still that person's.
gone as (
    select distinct on (history.source, history.source_record_id)
        history.person_id,
        history.to_run as ended_by
    from {{ source('linkage', 'person_record_history') }} as history
    inner join protected_records
        on history.source = protected_records.source
            and history.source_record_id = protected_records.source_record_id
    where history.to_run is not null
        and not exists (
            select 1 from {{ ref('person_links') }} as person_links
            where person_links.source = history.source
                and person_links.source_record_id = history.source_record_id
        )
    order by history.source, history.source_record_id, history.to_run desc
),

were_one as (
    select
        history.source,
        history.source_record_id
    from gone
    inner join {{ source('linkage', 'person_record_history') }} as history on gone.person_id = history.person_id
    where history.from_run < gone.ended_by
        and coalesce(history.to_run >= gone.ended_by, true)
),

followed as (
    select * from protected_records
    union
    select * from were_one
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
    from followed
    inner join {{ ref('person_links') }} as person_links
        on followed.source = person_links.source and followed.source_record_id = person_links.source_record_id
    union
    select person_id from disputed_records
)

select * from protected_persons
