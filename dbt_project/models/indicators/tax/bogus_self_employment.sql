with {{ work_bought() }},

-- What one enterprise bought in one year: suppliers of several enterprises or years do not add up.
years as (
    {{ years_with_suppliers('bought', 'bogus_self_employment') }}
),

evidence as (
    {{ purchase_evidence('bought') }}
),

{{ observations(
    'bogus_self_employment', value='max(supplier_count)', event="orgnr || ' ' || purchase_year", by_role=true
) }}
