with delivered as (
    select * from {{ state('skatteetaten', 'arbeidsforhold') }}
),

renamed as (
    select
        arbeidsforhold_id as employment_id,
        part_id as source_record_id,
        orgnr,
        {{ iso_date('startdato') }} as valid_from,
        {{ iso_date('sluttdato') }} as valid_to,
        stillingsprosent::numeric as position_pct,
        {{ whole_number('maanedslonn') }} as monthly_pay_amount_nok
    from delivered
)

select * from renamed
