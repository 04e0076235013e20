-- What linkage did to persons with a status, as long as the centre has not decided since.
with in_force as (
    select * from {{ ref('decision_terms') }}
    where ended_date is null and is_standing
),

parted as (
    select
        in_force.centre_id,
        traced.person_id,
        case when traced.person_id = in_force.person_id then 'kept' else 'parted' end as question,
        in_force.person_id as bearer_person_id,
        in_force.status,
        in_force.decision_id,
        in_force.decided_date
    from in_force
    inner join {{ ref('decisions_traced') }} as traced on in_force.decision_id = traced.decision_id
    where in_force.is_split
        and not traced.is_spent
        and traced.person_id in (select links.person_id from {{ ref('person_links') }} as links)
        and not exists (
            select 1 from {{ ref('decisions_of_persons') }} as answers
            where answers.centre_id = in_force.centre_id
                and answers.person_id = traced.person_id
                and answers.decided_sequence >= in_force.moved_sequence
        )
),

-- Two decisions in force on one person are of two who have been merged.
met as (
    select
        one.centre_id,
        one.person_id,
        'merged' as question,
        one.person_id as bearer_person_id,
        one.status,
        one.decision_id,
        one.decided_date
    from in_force as one
    inner join in_force as other
        on one.centre_id = other.centre_id and one.person_id = other.person_id and one.status <> other.status
),

asked as (
    select * from parted
    union
    select * from met
),

questions as (
    select distinct on (asked.centre_id, asked.person_id, asked.question)
        asked.centre_id,
        asked.person_id,
        asked.question,
        asked.bearer_person_id,
        asked.status,
        asked.decided_date
    from asked
    inner join {{ ref('status_codes') }} as codes on asked.status = codes.status
    order by
        asked.centre_id, asked.person_id, asked.question,
        codes.seriousness, asked.decided_date desc, asked.decision_id desc
)

select * from questions
