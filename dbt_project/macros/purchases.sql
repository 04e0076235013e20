{#
    CTEs down to `bought`: for whoever led the buyer on a day of the year, what it bought of sole proprietors that depended
    on it (the definition dependent_share), but for his own. Only once a year is over can it be told of whom a seller lived.
#}
{% macro work_bought() -%}
purchases as (
    select * from {{ ref('stg_skatteetaten__purchases') }}
    where make_date(purchase_year::int, 12, 31) <= {{ as_of() }}
),

sole_proprietors as (
    select orgnr from {{ ref('stg_brreg__enterprises') }}
    where legal_form_code = 'ENK'
),

sold as (
    select
        purchases.*,
        sum(amount_nok) over (partition by principal_orgnr, supplier_orgnr, purchase_year) as bought_amount_nok,
        sum(amount_nok) over (partition by supplier_orgnr, purchase_year) as sold_amount_nok
    from purchases
    inner join sole_proprietors on purchases.supplier_orgnr = sole_proprietors.orgnr
),

dependent as (
    select *
    from sold
    where sold_amount_nok > 0 and bought_amount_nok * 100 >= sold_amount_nok * {{ quantity('dependent_share') }}
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
        leaderships.role_id,
        dependent.supplier_orgnr,
        leaderships.is_strict
    from dependent
    inner join leaderships on dependent.principal_orgnr = leaderships.orgnr
    where leaderships.valid_from <= make_date(dependent.purchase_year::int, 12, 31)
        and coalesce(leaderships.valid_to > make_date(dependent.purchase_year::int, 1, 1), true)
        and not exists (
            select 1 from leaderships as own
            where own.person_id = leaderships.person_id and own.orgnr = dependent.supplier_orgnr
        )
        and {{ undisputed('leaderships', "'skatteetaten'", "'oppdragsforhold'", 'dependent.purchase_id') }}
        and {{ undisputed('leaderships', "'brreg'", "'enheter'", 'dependent.supplier_orgnr') }}
)
{%- endmacro %}

{# From rows with person_id, orgnr (the buyer), purchase_year and supplier_orgnr, the years in which one enterprise reaches the threshold. #}
{% macro years_with_suppliers(rows, code) -%}
    select
        person_id,
        orgnr,
        purchase_year,
        count(distinct supplier_orgnr) as supplier_count,
        count(distinct supplier_orgnr) filter (where is_strict) as strict_supplier_count
    from {{ rows }}
    group by person_id, orgnr, purchase_year
    having count(distinct supplier_orgnr) >= {{ rule(code).threshold }}
{%- endmacro %}

{#
    The evidence rows that show purchases, in the years that reached the threshold: the purchase, the role by which somebody led the buyer,
    and `more` rows, each by its agency, extract and column.
#}
{% macro purchase_evidence(rows, more=[]) -%}
    {%- for agency, extract, row_id in [("skatteetaten", "oppdragsforhold", "purchase_id"), ("brreg", "roller", "role_id")] + more %}
    select
        {{ rows }}.person_id,
        '{{ agency }}' as agency,
        '{{ extract }}' as extract,
        {{ rows }}.{{ row_id }} as source_row_id,
        make_date({{ rows }}.purchase_year::int, 12, 31) as event_date,
        {{ rows }}.orgnr,
        {{ rows }}.purchase_year,
        years.supplier_count,
        years.strict_supplier_count,
        {{ rows }}.is_strict
    from {{ rows }}
    inner join years
        on {{ rows }}.person_id = years.person_id
            and {{ rows }}.orgnr = years.orgnr
            and {{ rows }}.purchase_year = years.purchase_year
    {{- " union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
