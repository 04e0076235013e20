with addresses as (
    select
        postcode,
        municipality_code
    from {{ ref('stg_skatteetaten__persons') }}
    union all
    select
        postcode,
        municipality_code
    from {{ ref('stg_brreg__enterprises') }}
),

counted as (
    select
        postcode,
        municipality_code,
        count(*) as address_count,
        sum(count(*)) over (partition by postcode) as postcode_count
    from addresses
    where postcode is not null and municipality_code is not null
    group by postcode, municipality_code
),

clear_majority as (
    select
        postcode,
        municipality_code
    from counted
    where address_count > 0.5 * postcode_count
)

select * from clear_majority
