with delivered as (
    select * from {{ state('skatteetaten', 'oppdragsforhold') }}
),

renamed as (
    select
        oppdrag_id as purchase_id,
        oppdragsgiver_orgnr as principal_orgnr,
        leverandor_orgnr as supplier_orgnr,
        {{ whole_number('aar') }} as purchase_year,
        {{ whole_number('beloep') }} as amount_nok
    from delivered
)

select * from renamed
