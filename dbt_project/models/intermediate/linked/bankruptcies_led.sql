with leaderships as (
    select * from {{ ref('leaderships') }}
    where bankruptcy_date <= {{ as_of() }}
),

involved as (
    select
        person_id,
        orgnr,
        role_id,
        role_code,
        bankruptcy_date,
        valid_to,
        is_strict,
        greatest(0, bankruptcy_date - coalesce(valid_to, bankruptcy_date)) as days_before
    from leaderships
    where valid_from <= bankruptcy_date
        and coalesce(valid_to >= bankruptcy_date - {{ quantity('bankruptcy_involvement') }}, true)
)

select * from involved
