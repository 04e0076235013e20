with pairs as (
    select
        {{ release_id() }} as release_id,
        orgnr,
        successor_orgnr,
        bankruptcy_date,
        started_date,
        has_same_address,
        has_same_industry,
        moved_count::integer as moved_count,
        moved_before_count::integer as moved_before_count
    from {{ ref('successors') }} as successors
    where {{ carries_on() }}
)

select * from pairs
