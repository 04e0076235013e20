with arrears as (
    select
        arrears_id,
        orgnr,
        source_record_id,
        amount_nok,
        owed_date as event_date
    from {{ ref('stg_skatteetaten__arrears') }}
    where owed_date <= {{ as_of() }}
),

-- A bankrupt enterprise's debt outlives its leader's role: the date of bankruptcy stands in for the date owed.
{{ own_and_of_led_enterprises(
    'arrears', 'arrears_id', 'restanser', 'least(arrears.event_date, leaderships.bankruptcy_date)'
) }}
