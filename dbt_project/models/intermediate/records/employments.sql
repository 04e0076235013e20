{{ config(indexes=[{'columns': ['source_record_id']}, {'columns': ['orgnr']}]) }}

-- Read by several indicators: kept as a table, so that the planner knows how many there are.
with employments as (
    select * from {{ ref('stg_skatteetaten__employments') }}
)

select * from employments
