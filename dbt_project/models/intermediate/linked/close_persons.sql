{{ config(indexes=[{'columns': ['person_id']}]) }}

with close_ones as (
    select
        person_id,
        taker_person_id as other_person_id
    from {{ ref('handovers') }}
    where is_cover
    union
    select
        own.person_id,
        theirs.person_id
    from {{ ref('homes_of_persons') }} as own
    inner join {{ ref('homes_of_persons') }} as theirs
        on own.address_key = theirs.address_key
            and own.postcode = theirs.postcode
            and own.person_id <> theirs.person_id
    where own.is_household
)

select * from close_ones
