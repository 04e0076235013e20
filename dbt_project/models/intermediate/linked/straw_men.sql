{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['front_person_id', 'orgnr']}]) }}

-- Counts in rules that every centre is told of: what some centre may not know of counts for nobody.
with covers as (
    select
        person_id,
        front_person_id,
        orgnr,
        bankrupt_orgnr,
        tie,
        front_role_id,
        since_date,
        has_own_role,
        is_strict
    from {{ ref('covers') }}
    where front_person_id is not null
        and since_date <= {{ as_of() }}
        and not exists (
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.indicator_code in ('role_handed_over', 'leads_through_others')
        )
)

select * from covers
