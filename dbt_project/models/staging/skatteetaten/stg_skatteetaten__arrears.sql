with delivered as (
    select * from {{ state('skatteetaten', 'restanser') }}
),

renamed as (
    select
        restanse_id as arrears_id,
        {{ valid_orgnr('orgnr') }} as orgnr,
        part_id as source_record_id,
        {{ whole_number('beloep') }} as amount_nok,
        {{ iso_date('per_dato') }} as owed_date,
        {{ yes_no('utlegg') }} as has_distraint
    from delivered
)

select * from renamed
