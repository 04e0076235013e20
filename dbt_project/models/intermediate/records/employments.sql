-- Read by several indicators: kept as a table, so that the planner knows how many there are. Without indexes, since
-- they read all of it, which takes twice as long in an index's order. What begins after the cut-off date is no
-- employment yet.
with employments as (
    select * from {{ ref('stg_skatteetaten__employments') }}
    where valid_from <= {{ as_of() }}
)

select * from employments
