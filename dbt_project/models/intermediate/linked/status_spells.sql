-- Of several decisions in force on one person, as after a merge, the most serious status stands, then the newest: what
-- was decided on one of two persons takes nothing back that was decided on the other.
with standing as (
    select distinct on (days.centre_id, days.person_id, days.decided_date)
        days.centre_id,
        days.person_id,
        days.decided_date as valid_from,
        terms.status,
        terms.decision_id,
        terms.decided_release_id
    from {{ ref('decision_terms') }} as days
    inner join {{ ref('decision_terms') }} as terms
        on days.centre_id = terms.centre_id
            and days.person_id = terms.person_id
            and days.decided_date >= terms.decided_date
            and coalesce(days.decided_date < terms.ended_date, true)
    inner join {{ ref('status_codes') }} as codes on terms.status = codes.status
    order by
        days.centre_id, days.person_id, days.decided_date,
        codes.seriousness, terms.decided_date desc, terms.decision_id desc
),

compared as (
    select
        standing.*,
        lag(status) over (partition by centre_id, person_id order by valid_from) as earlier_status
    from standing
),

spells as (
    select
        centre_id,
        person_id,
        status,
        valid_from,
        lead(valid_from) over (partition by centre_id, person_id order by valid_from) as valid_to,
        decision_id,
        decided_release_id
    from compared
    where status is distinct from earlier_status
)

select * from spells
