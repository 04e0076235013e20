with history as (
    select
        {{ release_id() }} as release_id,
        centre_id,
        person_id,
        status,
        valid_from,
        valid_to,
        decision_id,
        decided_release_id
    from {{ ref('status_spells') }}
)

select * from history
