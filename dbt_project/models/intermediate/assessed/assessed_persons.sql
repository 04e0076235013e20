{{ config(indexes=[{'columns': ['person_id']}]) }}

with persons as (
    select distinct person_id from {{ ref('assessments') }}
    where release_id = {{ release_id() }}
)

select * from persons
