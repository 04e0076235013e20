with actors as (
    select person_id from {{ ref('assessed_persons') }}
),

led as (
    select
        leaderships.person_id,
        leaderships.orgnr,
        leaderships.valid_from,
        leaderships.valid_to
    from {{ ref('leaderships') }} as leaderships
    inner join actors on leaderships.person_id = actors.person_id
),

purchases as (
    select
        principal_orgnr,
        supplier_orgnr,
        purchase_year,
        sum(amount_nok)::bigint as amount_nok
    from {{ ref('stg_skatteetaten__purchases') }}
    where purchase_year <= extract(year from {{ as_of() }})
        and supplier_orgnr in (select led.orgnr from led)
    group by principal_orgnr, supplier_orgnr, purchase_year
),

shares as (
    select
        *,
        amount_nok / nullif(sum(amount_nok) over (partition by supplier_orgnr, purchase_year), 0) as share_of_sales
    from purchases
),

-- An actor is behind the sale when he led the supplier on some day of that year.
bought as (
    select
        {{ release_id() }} as release_id,
        shares.principal_orgnr,
        shares.supplier_orgnr,
        shares.purchase_year::integer as purchase_year,
        shares.amount_nok,
        round(shares.share_of_sales, 3) as share_of_sales,
        (count(distinct led.person_id))::integer as actor_count,
        shares.principal_orgnr in (select own.orgnr from led as own) as is_principal_led_by_actor
    from shares
    inner join led
        on shares.supplier_orgnr = led.orgnr
            and led.valid_from <= make_date(shares.purchase_year::int, 12, 31)
            and coalesce(led.valid_to > make_date(shares.purchase_year::int, 1, 1), true)
    group by
        shares.principal_orgnr, shares.supplier_orgnr, shares.purchase_year, shares.amount_nok, shares.share_of_sales
)

select * from bought
