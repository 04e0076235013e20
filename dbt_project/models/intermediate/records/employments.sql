-- Read by several indicators: kept as a table, so that the planner knows how many there are. Without indexes, since
-- they read all of it, which takes twice as long in an index's order.
with employments as (
    select * from {{ ref('stg_skatteetaten__employments') }}
)

select * from employments
