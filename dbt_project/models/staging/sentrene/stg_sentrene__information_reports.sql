with delivered as (
    select * from {{ optional_extract('sentrene', 'informasjonstiltak') }}
),

renamed as (
    select
        rapport_id as report_id,
        senter as centre_id,
        release_id as reported_release_id,
        case maalgruppe when 'utenlandske_arbeidstakere' then 'B2' when 'oppdragsgivere' then 'B3' end as goal,
        {{ whole_number('antall_informert') }} as informed_count,
        {{ iso_date('rapportert_dato') }} as reported_date
    from delivered
)

select * from renamed
