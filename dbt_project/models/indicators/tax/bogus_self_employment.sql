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

evidence as (
    select distinct
        leaderships.person_id,
        'skatteetaten' as agency,
        'oppdragsforhold' as extract,
        dependent.purchase_id as source_row_id,
        make_date(dependent.purchase_year::int, 12, 31) as event_date,
        leaderships.orgnr,
        dependent.supplier_orgnr,
        leaderships.is_strict
    from dependent
    inner join leaderships on dependent.principal_orgnr = leaderships.orgnr
    where leaderships.valid_from <= make_date(dependent.purchase_year::int, 12, 31)
        and coalesce(leaderships.valid_to >= make_date(dependent.purchase_year::int, 1, 1), true)
),

{{ observations('bogus_self_employment', value='count(distinct supplier_orgnr)') }}
