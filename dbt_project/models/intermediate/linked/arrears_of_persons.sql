with arrears as (
    select
        arrears_id,
        orgnr,
        source_record_id,
        amount_nok,
        owed_date as event_date,
        has_distraint
    from {{ ref('stg_skatteetaten__arrears') }}
    where owed_date <= {{ as_of() }}
),

leaderships as (
    select * from {{ ref('leaderships') }}
),

own as (
    select
        links.person_id,
        arrears.*,
        null::text as role_id,
        links.is_strict
    from arrears
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and arrears.source_record_id = links.source_record_id
),

-- A bankrupt enterprise's debt outlives its leader's role: the date of bankruptcy stands in for the date owed.
of_led_enterprises as (
    select distinct on (leaderships.person_id, arrears.arrears_id)
        leaderships.person_id,
        arrears.*,
        leaderships.role_id,
        leaderships.is_strict
    from arrears
    inner join leaderships on arrears.orgnr = leaderships.orgnr
    where {{ led_within(365, 'least(arrears.event_date, leaderships.bankruptcy_date)') }}
    order by
        leaderships.person_id, arrears.arrears_id,
        not leaderships.is_strict, leaderships.valid_from, leaderships.role_id
),

owed as (
    select * from own
    union all
    select * from of_led_enterprises
)

select * from owed
where {{ undisputed('owed', "'skatteetaten'", "'restanser'", 'owed.arrears_id') }}
