with statuses as (
    select
        centre_id,
        person_id,
        status,
        valid_from as status_since
    from {{ ref('status_spells') }}
    where valid_to is null
)

select * from statuses
