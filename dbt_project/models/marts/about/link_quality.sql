{{ config(materialized='release_view') }}

with figures as (
    select
        release_id,
        measure,
        subgroup,
        estimate,
        low,
        high,
        support,
        note
    from {{ source('linkage', 'quality') }}
)

select * from figures
