-- B2: whose work is at risk now.
with exposed as (
    select
        workers.worker_count,
        workers.severe_inspection_count,
        enterprises.municipality_code
    from {{ ref('exposed_workers') }} as workers
    inner join {{ ref('registered_enterprises') }} as enterprises on workers.orgnr = enterprises.orgnr
    where workers.release_id = {{ release_id() }}
),

exposed_of_scopes as (
    {{ scoped('exposed') }}
),

exposed_counted as (
    select
        scope,
        sum(worker_count) as workers,
        coalesce(sum(worker_count) filter (where severe_inspection_count > 0), 0) as workers_of_severe
    from exposed_of_scopes
    group by scope
),

-- B3: who buys from enterprises that an actor led.
bought as (
    select
        principals.principal_orgnr,
        principals.purchase_year,
        principals.amount_nok,
        enterprises.municipality_code
    from {{ ref('principals') }} as principals
    inner join {{ ref('registered_enterprises') }} as enterprises on principals.supplier_orgnr = enterprises.orgnr
    where principals.release_id = {{ release_id() }} and not principals.is_principal_led_by_actor
),

bought_of_scopes as (
    {{ scoped('bought') }}
),

counted as (
    select
        scope,
        {{ period() }} as period,
        'B2_workers' as measure,
        workers as numerator,
        null::bigint as denominator
    from exposed_counted
    union all
    select
        scope,
        {{ period() }},
        'B2_workers_of_severe',
        workers_of_severe,
        workers
    from exposed_counted
    union all
    select
        scope,
        purchase_year::text,
        'B3_principals',
        count(distinct principal_orgnr),
        null
    from bought_of_scopes
    group by scope, purchase_year
    union all
    select
        scope,
        purchase_year::text,
        'B3_purchases',
        sum(amount_nok),
        null
    from bought_of_scopes
    group by scope, purchase_year
)

select * from counted
