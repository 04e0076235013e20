with decisions as (
    select
        centre_id,
        person_id,
        status,
        decided_date,
        row_number()
            over (partition by centre_id, person_id order by decided_date desc, decision_id desc)
            as newest_first
    from {{ ref('decisions_of_persons') }}
),

newest as (
    select
        centre_id,
        person_id,
        status
    from decisions
    where newest_first = 1
),

-- The status has lasted since the oldest decision of the unbroken run of the same status.
changed as (
    select
        decisions.centre_id,
        decisions.person_id,
        min(decisions.newest_first) as place
    from decisions
    inner join newest
        on decisions.centre_id = newest.centre_id
            and decisions.person_id = newest.person_id
            and decisions.status <> newest.status
    group by decisions.centre_id, decisions.person_id
),

statuses as (
    select
        newest.centre_id,
        newest.person_id,
        newest.status,
        min(decisions.decided_date) as status_since
    from newest
    inner join decisions on newest.centre_id = decisions.centre_id and newest.person_id = decisions.person_id
    left join changed on newest.centre_id = changed.centre_id and newest.person_id = changed.person_id
    where decisions.newest_first < coalesce(changed.place, decisions.newest_first + 1)
    group by newest.centre_id, newest.person_id, newest.status
)

select * from statuses
