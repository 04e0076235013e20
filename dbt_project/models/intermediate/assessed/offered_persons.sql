-- Whoever has moved out of the area of the centre that gave her a status is offered to those in whose areas she is now.
with moved as (
    select
        centres.centre_id,
        centres.person_id,
        statuses.centre_id as offered_by,
        statuses.status_since,
        codes.seriousness
    from {{ ref('centres_of_persons') }} as centres
    inner join {{ ref('centres_of_persons') }} as earlier
        on centres.person_id = earlier.person_id and centres.basis <> 'decision' and earlier.basis = 'decision'
    inner join {{ ref('statuses_of_persons') }} as statuses
        on earlier.centre_id = statuses.centre_id and earlier.person_id = statuses.person_id
    inner join {{ ref('status_codes') }} as codes on statuses.status = codes.status
    where codes.is_actor
),

offered as (
    select distinct on (moved.centre_id, moved.person_id)
        moved.centre_id,
        moved.person_id,
        moved.offered_by
    from moved
    where not exists (
            select 1 from {{ ref('statuses_of_persons') }} as own
            where own.centre_id = moved.centre_id and own.person_id = moved.person_id
        )
        and not exists (
            select 1 from {{ ref('withheld_data') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = moved.centre_id
                and withheld.agency = 'sentrene'
                and withheld.category = 'decision'
        )
    order by moved.centre_id, moved.person_id, moved.seriousness, moved.status_since desc, moved.offered_by
)

select * from offered
