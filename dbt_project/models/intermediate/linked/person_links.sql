{{ config(indexes=[{'columns': ['source', 'source_record_id']}, {'columns': ['person_id']}]) }}

with links as (
    select
        person_id,
        source,
        extract,
        source_record_id,
        link_kind,
        match_weight
    from {{ source('linkage', 'person_records') }}
),

-- Linkage keeps what earlier periods held; an assessment speaks only of what this period's state holds.
standing as (
    select links.*
    from links
    inner join {{ ref('person_records') }} as person_records
        on links.source = person_records.source
            and links.source_record_id = person_records.source_record_id
)

select * from standing
