with centres as (
    select
        {{ release_id() }} as release_id,
        centre_id,
        person_id,
        basis
    from {{ ref('centres_of_persons') }}
)

select * from centres
