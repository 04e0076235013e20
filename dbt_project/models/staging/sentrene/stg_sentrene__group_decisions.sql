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
        {{ as_decided() }}
    from delivered
)

select * from renamed
