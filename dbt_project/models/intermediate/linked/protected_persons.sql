with protected_records as (
    select * from {{ ref('protected_records') }}
),

-- Where the protected record is gone, those that were one person with it are still that person's.
gone as (
    select distinct on (memberships.source, memberships.source_record_id)
        memberships.person_id,
        runs.run_number as ended_by
    from {{ source('linkage', 'memberships') }} as memberships
    inner join {{ source('linkage', 'runs') }} as runs on memberships.valid_to_release = runs.release_id
    inner join protected_records
        on memberships.source = protected_records.source
            and memberships.source_record_id = protected_records.source_record_id
    where not exists (
            select 1 from {{ ref('person_links') }} as person_links
            where person_links.source = memberships.source
                and person_links.source_record_id = memberships.source_record_id
        )
    order by memberships.source, memberships.source_record_id, runs.run_number desc
),

were_one as (
    select
        memberships.source,
        memberships.source_record_id
    from gone
    inner join {{ source('linkage', 'memberships') }} as memberships on gone.person_id = memberships.person_id
    inner join {{ source('linkage', 'runs') }} as opening on memberships.valid_from_release = opening.release_id
    left join {{ source('linkage', 'runs') }} as closing on memberships.valid_to_release = closing.release_id
    where opening.run_number < gone.ended_by
        and coalesce(closing.run_number >= gone.ended_by, true)
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
