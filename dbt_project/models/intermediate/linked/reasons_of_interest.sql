-- Of which agency's data of which category something is known of a person, besides who it is.
with reasons as (
    select
        person_id,
        'brreg' as agency,
        'role' as category
    from {{ ref('person_roles') }}
    where person_id is not null
    union
    select
        person_id,
        'politiet',
        'criminal_offence'
    from {{ ref('police_cases_of_persons') }}
    union
    select
        person_id,
        agency,
        category
    from {{ ref('events_of_persons') }}
    union
    select
        person_id,
        'sentrene',
        'decision'
    from {{ ref('decisions_traced') }}
    where not is_spent and person_id in (select person_links.person_id from {{ ref('person_links') }} as person_links)
    union
    select
        person_id,
        agency,
        'nomination'
    from {{ ref('nominations_in_force') }}
    where person_id is not null
)

select * from reasons
