-- Whom a centre may know something of: nobody is counted for what is withheld from it.
with known as (
    select distinct
        area.centre_id,
        area.person_id,
        area.basis
    from {{ ref('release_persons') }} as area
    inner join {{ ref('reasons_of_interest') }} as reasons on area.person_id = reasons.person_id
    left join {{ ref('withheld_data') }} as withheld
        on area.release_id = withheld.release_id
            and area.centre_id = withheld.withheld_from
            and reasons.agency = withheld.agency
            and reasons.category = withheld.category
    where area.release_id = {{ release_id() }} and withheld.category is null
),

counted as (
    select
        {{ release_id() }} as release_id,
        area.centre_id,
        area.basis,
        count(*)::integer as persons,
        (count(*) filter (where named.named_because = 'listed'))::integer as listed,
        (count(*) filter (where named.named_because is null))::integer as not_named
    from known as area
    left join {{ ref('named_persons') }} as named
        on named.release_id = {{ release_id() }}
            and area.centre_id = named.centre_id
            and area.person_id = named.person_id
    group by area.centre_id, area.basis
)

select * from counted
