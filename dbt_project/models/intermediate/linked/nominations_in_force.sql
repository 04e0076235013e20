{{ config(indexes=[{'columns': ['person_id']}]) }}

with delivered as (
    select * from {{ ref('stg_arbeidstilsynet__nominations') }}
    union all
    select * from {{ ref('stg_skatteetaten__nominations') }}
    union all
    select * from {{ ref('stg_nav__nominations') }}
    union all
    select * from {{ ref('stg_politiet__nominations') }}
),

subjects as (
    select
        delivered.agency,
        delivered.nomination_id,
        links.person_id,
        delivered.orgnr,
        delivered.nominated_date,
        least(delivered.valid_until, delivered.nominated_date + {{ quantity('nomination_ends') }}::integer)
            as valid_until,
        delivered.observed_code,
        delivered.source_grade,
        delivered.information_grade
    from delivered
    left join {{ ref('person_links') }} as links
        on delivered.agency = links.source and delivered.source_record_id = links.source_record_id
),

in_force as (
    select * from subjects
    where (person_id is not null or orgnr is not null)
        and {{ as_of() }} between nominated_date and valid_until
)

select * from in_force
where {{ undisputed('in_force', 'in_force.agency', "'nominasjoner'", 'in_force.nomination_id') }}
