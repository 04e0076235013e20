with delivered as (
    select * from {{ state('politiet', 'involverte') }}
),

renamed as (
    select
        involvert_id as involvement_id,
        saksnummer as case_number,
        person_lopenr as source_record_id,
        rolle as involvement_code
    from delivered
)

select * from renamed
