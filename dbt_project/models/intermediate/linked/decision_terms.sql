-- A decision ends another of the centre where the person was known to be the same: of two who have been merged since,
-- what was decided on one says nothing of the other.
with decisions as (
    select * from {{ ref('decisions_of_persons') }}
),

ended as (
    select
        decisions.decision_id,
        min(later.decided_date) as ended_date
    from decisions
    inner join decisions as later
        on decisions.centre_id = later.centre_id
            and decisions.person_id = later.person_id
            and (later.decided_date, later.decision_id) > (decisions.decided_date, decisions.decision_id)
    inner join {{ ref('decisions_traced') }} as traced
        on decisions.decision_id = traced.decision_id and later.decided_person_id = traced.person_id
    where later.decided_person_id = decisions.decided_person_id or traced.known_sequence <= later.decided_sequence
    group by decisions.decision_id
),

terms as (
    select
        decisions.decision_id,
        decisions.centre_id,
        decisions.decided_release_id,
        decisions.person_id,
        decisions.moved_sequence,
        decisions.is_split,
        decisions.is_standing,
        decisions.status,
        decisions.priority_code,
        decisions.responsible_agency,
        decisions.decided_date,
        ended.ended_date
    from decisions
    left join ended on decisions.decision_id = ended.decision_id
)

select * from terms
