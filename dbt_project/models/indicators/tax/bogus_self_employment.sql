with purchases as (
    select * from {{ ref('stg_skatteetaten__purchases') }}
),

sole_proprietors as (
    select orgnr from {{ ref('stg_brreg__enterprises') }}
    where legal_form_code = 'ENK'
),

sold as (
    select
        purchases.*,
        sum(amount_nok) over (partition by supplier_orgnr, purchase_year) as sold_amount_nok
    from purchases
    inner join sole_proprietors on purchases.supplier_orgnr = sole_proprietors.orgnr
),

dependent as (
    select *
    from sold
    where sold_amount_nok > 0 and amount_nok >= 0.8 * sold_amount_nok
),

leaderships as (
    select * from {{ ref('leaderships') }}
),

bought as (
    select distinct
        leaderships.person_id,
        dependent.purchase_id,
        dependent.purchase_year,
        leaderships.orgnr,
        dependent.supplier_orgnr,
        leaderships.is_strict
    from dependent
    inner join leaderships on dependent.principal_orgnr = leaderships.orgnr
    where leaderships.valid_from <= make_date(dependent.purchase_year::int, 12, 31)
        and coalesce(leaderships.valid_to >= make_date(dependent.purchase_year::int, 1, 1), true)
        and {{ undisputed('leaderships', "'skatteetaten'", "'oppdragsforhold'", 'dependent.purchase_id') }}
),

-- What one enterprise bought in one year: suppliers of several enterprises or years do not add up.
years as (
    select
        person_id,
        orgnr,
        purchase_year,
        count(distinct supplier_orgnr) as supplier_count
    from bought
    group by person_id, orgnr, purchase_year
    having count(distinct supplier_orgnr) >= {{ rule('bogus_self_employment').threshold }}
),

evidence as (
    select
        bought.person_id,
        'skatteetaten' as agency,
        'oppdragsforhold' as extract,
        bought.purchase_id as source_row_id,
        make_date(bought.purchase_year::int, 12, 31) as event_date,
        bought.orgnr,
        years.supplier_count,
        bought.is_strict
    from bought
    inner join years
        on bought.person_id = years.person_id
            and bought.orgnr = years.orgnr
            and bought.purchase_year = years.purchase_year
),

{{ observations('bogus_self_employment', value='max(supplier_count)', by_role=true) }}
