{{ config(indexes=[{'columns': ['orgnr']}, {'columns': ['street_address', 'postcode']}]) }}

-- Read by most of what follows: kept as a table, so that the planner knows how many there are.
with enterprises as (
    select * from {{ ref('stg_brreg__enterprises') }}
)

select * from enterprises
