with delivered as (
    select * from {{ state('sentrene', 'beslutninger') }}
),

renamed as (
    select
        beslutning_id as decision_id,
        senter as centre_id,
        release_id as decided_release_id,
        person_id as decided_person_id,
        {{ as_decided() }}
    from delivered
)

select * from renamed
