{{ config(indexes=[{'columns': ['person_id']}]) }}

with catchments as (
    {{ catchments_in_force() }}
),

persons as (
    select
        person_id,
        municipality_code
    from {{ ref('persons_described') }}
),

ties as (
    select
        catchments.centre_id,
        persons.person_id,
        true as by_residence
    from persons
    inner join catchments on persons.municipality_code = catchments.municipality_code
    union all
    select
        catchments.centre_id,
        leaderships.person_id,
        false as by_residence
    from {{ ref('leaderships') }} as leaderships
    inner join catchments on leaderships.municipality_code = catchments.municipality_code
    where leaderships.is_active
        -- Nobody is a centre's by a role, or by where an enterprise lies, that it may not know of.
        and not exists (
            select 1 from {{ ref('withheld_data') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = catchments.centre_id
                and withheld.category in ('role', 'business')
        )
),

grouped as (
    select
        centre_id,
        person_id,
        case
            when bool_and(by_residence) then 'residence'
            when bool_or(by_residence) then 'residence_and_leading_role'
            else 'leading_role'
        end as basis
    from ties
    group by centre_id, person_id
),

without_centre as (
    select
        'uten_senter' as centre_id,
        persons.person_id,
        'none' as basis
    from persons
    where not exists (
            select 1 from grouped
            where grouped.person_id = persons.person_id
        )
),

-- Whoever has a status at a centre, or about whom it is asked, stays its to decide on wherever she lives.
decided as (
    select
        centre_id,
        person_id
    from {{ ref('statuses_of_persons') }}
    where status <> 'avskrevet'
    union
    select
        centre_id,
        person_id
    from {{ ref('questions_of_status') }}
),

outside as (
    select
        decided.centre_id,
        decided.person_id,
        'decision' as basis
    from decided
    inner join persons on decided.person_id = persons.person_id
    where not exists (
            select 1 from grouped
            where grouped.centre_id = decided.centre_id and grouped.person_id = decided.person_id
        )
),

centres as (
    select * from grouped
    union all
    select * from without_centre
    union all
    select * from outside
)

select * from centres
