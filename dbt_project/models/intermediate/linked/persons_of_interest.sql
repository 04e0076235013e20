{{ config(indexes=[{'columns': ['person_id']}]) }}

with persons as (
    select distinct person_id from {{ ref('reasons_of_interest') }}
)

select * from persons
