with delivered as (
    select * from {{ optional_extract('sentrene', 'gruppebeslutninger') }}
),

renamed as (
    select
        beslutning_id as decision_id,
        senter as centre_id,
        release_id as decided_release_id,
        case when gruppe_id ~ '^[0-9]{9}$' then 'enterprise' else 'network' end as group_kind,
        gruppe_id as decided_group_id,
        array(
            select distinct found.parts[1]
            from regexp_matches(foretak, '[0-9]{9}', 'g') as found (parts)
            order by 1
        ) as enterprises,
        status,
        prioritering as priority_code,
        begrunnelse as reason_code,
        ansvarlig_etat as responsible_agency,
        {{ clean_text('tiltak') }} as measures,
        kapasitet_endring as capacity_change,
        intensjon_endring as intention_change,
        {{ iso_date('besluttet_dato') }} as decided_date,
        {{ iso_date('neste_vurdering') }} as next_review_date
    from delivered
)

select * from renamed
