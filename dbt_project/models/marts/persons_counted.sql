with counted as (
    select
        {{ release_id() }} as release_id,
        area.centre_id,
        area.basis,
        count(*)::integer as persons,
        (count(*) filter (where named.named_because = 'listed'))::integer as listed,
        (count(*) filter (where named.named_because is null))::integer as not_named
    from {{ ref('release_persons') }} as area
    left join {{ ref('named_persons') }} as named
        on area.release_id = named.release_id
            and area.centre_id = named.centre_id
            and area.person_id = named.person_id
    where area.release_id = {{ release_id() }}
    group by area.centre_id, area.basis
)

select * from counted
