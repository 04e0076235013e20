with delivered as (
    select * from {{ ref('stg_nav__wage_guarantee_claims') }}
    where claim_date <= {{ as_of() }}
),

{{ with_persons('delivered', 'nav', 'lonnsgaranti', 'claim_id') }},

claims as (
    select
        {{ release_id() }} as release_id,
        claim_id,
        orgnr,
        person_id,
        claim_date,
        amount_nok
    from named
)

select * from claims
