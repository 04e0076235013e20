{{ config(indexes=[{'columns': ['person_id']}]) }}

with persons as (
    select person_id from {{ ref('reasons_of_interest') }}
    union
    -- Whoever disputes is told what could not be checked, also where nothing else is left.
    select person_id from {{ ref('disputed_rules') }}
)

select * from persons
