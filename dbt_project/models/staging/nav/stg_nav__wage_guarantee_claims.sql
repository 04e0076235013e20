with delivered as (
    select * from {{ state('nav', 'lonnsgaranti') }}
),

renamed as (
    select
        krav_id as claim_id,
        nav_id as source_record_id,
        orgnr,
        {{ whole_number('beloep') }} as amount_nok,
        {{ iso_date('dato') }} as claim_date
    from delivered
)

select * from renamed
