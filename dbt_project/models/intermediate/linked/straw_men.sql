{{ config(indexes=[{'columns': ['person_id']}, {'columns': ['front_person_id', 'orgnr']}]) }}

-- Counts in rules that every centre is told of: what some centre may not know of counts for nobody.
with days_led as (
    select
        person_id,
        orgnr,
        range_agg(daterange(valid_from, valid_to)) as led_himself
    from {{ ref('leaderships') }}
    where coalesce(valid_from <= valid_to, true)
    group by person_id, orgnr
),

straw_men as (
    select
        covers.person_id,
        covers.front_person_id,
        covers.orgnr,
        covers.bankrupt_orgnr,
        covers.tie,
        covers.front_role_id,
        covers.since_date,
        covers.has_own_role,
        days_led.led_himself,
        covers.is_strict
    from {{ ref('covers') }} as covers
    left join days_led on covers.person_id = days_led.person_id and covers.orgnr = days_led.orgnr
    where covers.since_date <= {{ as_of() }}
        and not exists (
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.indicator_code in ('role_handed_over', 'leads_through_others')
        )
)

select * from straw_men
