with delivered as (
    select * from {{ state('arbeidstilsynet', 'tilsyn') }}
),

renamed as (
    select
        tilsyn_id as inspection_id,
        orgnr,
        {{ iso_date('dato') }} as inspection_date,
        {{ open_code('kommunenummer') }} as municipality_code,
        tilsynstype as inspection_type_code,
        {{ clean_text('aksjon_id') }} as joint_operation_id,
        {{ whole_number('antall_kontrollpunkter') }} as checkpoint_count,
        {{ whole_number('antall_brudd') }} as breach_count
    from delivered
)

select * from renamed
