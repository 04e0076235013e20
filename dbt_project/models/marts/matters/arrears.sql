with owed as (
    select * from {{ ref('stg_skatteetaten__arrears') }}
    where owed_date <= {{ as_of() }}
),

{{ with_persons('owed', 'skatteetaten', 'restanser', 'arrears_id') }},

arrears as (
    select
        {{ release_id() }} as release_id,
        arrears_id,
        orgnr,
        person_id,
        owed_date,
        amount_nok,
        has_distraint
    from named
)

select * from arrears
