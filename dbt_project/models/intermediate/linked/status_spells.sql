-- Of two decisions on one day the later id stands: what the day began with was never in force.
with decisions as (
    select distinct on (centre_id, person_id, decided_date)
        centre_id,
        person_id,
        status,
        decided_date,
        decision_id,
        decided_release_id
    from {{ ref('decisions_of_persons') }}
    order by centre_id, person_id, decided_date, decision_id desc
),

compared as (
    select
        decisions.*,
        lag(status) over (partition by centre_id, person_id order by decided_date) as earlier_status
    from decisions
),

spells as (
    select
        centre_id,
        person_id,
        status,
        decided_date as valid_from,
        lead(decided_date) over (partition by centre_id, person_id order by decided_date) as valid_to,
        decision_id,
        decided_release_id
    from compared
    where status is distinct from earlier_status
)

select * from spells
