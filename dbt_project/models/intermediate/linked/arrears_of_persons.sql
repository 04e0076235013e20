with arrears as (
    select
        arrears.arrears_id,
        arrears.orgnr,
        arrears.source_record_id,
        arrears.amount_nok,
        arrears.owed_date as event_date,
        -- A bankrupt enterprise's debt outlives its leader's role: the date of bankruptcy stands in for the date owed.
        least(arrears.owed_date, enterprises.bankruptcy_date) as held_on
    from {{ ref('stg_skatteetaten__arrears') }} as arrears
    left join {{ ref('registered_enterprises') }} as enterprises on arrears.orgnr = enterprises.orgnr
    where arrears.owed_date <= {{ as_of() }}
),

{{ own_and_of_led_enterprises('arrears', 'arrears_id', 'restanser', 'arrears.held_on') }}
