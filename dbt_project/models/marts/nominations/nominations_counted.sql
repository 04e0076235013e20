-- What several centres were told of is one nomination; the one that did most counts.
with nominations as (
    select distinct on (agency, nomination_id)
        agency,
        nomination_id,
        answer
    from {{ ref('nominations') }}
    where release_id = {{ release_id() }}
    order by
        agency, nomination_id,
        array_position(array['prioritised', 'decided', 'followed', 'dismissed', 'open', 'unanswered'], answer)
),

counted as (
    select
        {{ release_id() }} as release_id,
        agency,
        answer,
        count(*)::integer as nominations
    from nominations
    group by agency, answer
)

select * from counted
