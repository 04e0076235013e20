with delivered as (
    select * from {{ state('arbeidstilsynet', 'reaksjoner') }}
),

renamed as (
    select
        reaksjon_id as reaction_id,
        tilsyn_id as inspection_id,
        type as reaction_code,
        {{ iso_date('vedtaksdato') }} as decided_date,
        {{ whole_number('beloep') }} as amount_nok,
        status as reaction_status_code,
        status = 'omgjort' as is_reversed
    from delivered
)

select * from renamed
