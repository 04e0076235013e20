with nominated as (
    select * from {{ ref('nominations_of_centres') }}
),

-- An enterprise is answered by a decision on it, or on whoever leads it now.
subjects as (
    select distinct
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id,
        nominated.nominated_date,
        coalesce(nominated.person_id, leaders.person_id) as person_id
    from nominated
    left join {{ ref('leaderships') }} as leaders on nominated.orgnr = leaders.orgnr and leaders.is_active
),

on_enterprises as (
    select
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id,
        nominated.nominated_date,
        decisions.decision_id,
        decisions.status,
        decisions.priority_code,
        decisions.decided_date,
        decisions.is_standing
    from nominated
    inner join {{ ref('group_decisions') }} as decisions
        on nominated.centre_id = decisions.centre_id and nominated.orgnr = decisions.group_id
    where decisions.release_id = {{ release_id() }} and decisions.group_kind = 'enterprise'
),

decided as (
    select
        subjects.centre_id,
        subjects.agency,
        subjects.nomination_id,
        subjects.nominated_date,
        decisions.decision_id,
        decisions.status,
        decisions.priority_code,
        decisions.decided_date
    from subjects
    inner join {{ ref('decisions_of_persons') }} as decisions
        on subjects.centre_id = decisions.centre_id and subjects.person_id = decisions.person_id
    where decisions.is_standing
    union all
    select
        centre_id,
        agency,
        nomination_id,
        nominated_date,
        decision_id,
        status,
        priority_code,
        decided_date
    from on_enterprises
),

newest as (
    select distinct on (centre_id, agency, nomination_id) *
    from decided
    where nominated_date <= decided_date
    order by centre_id, agency, nomination_id, decided_date desc, decision_id desc
),

followed as (
    select
        subjects.centre_id,
        subjects.agency,
        subjects.nomination_id
    from subjects
    inner join {{ ref('statuses_of_persons') }} as statuses
        on subjects.centre_id = statuses.centre_id and subjects.person_id = statuses.person_id
    where statuses.status <> 'avskrevet'
    union
    select
        centre_id,
        agency,
        nomination_id
    from on_enterprises
    where is_standing and status <> 'avskrevet'
),

answered as (
    select
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id,
        case
            when newest.status = 'avskrevet' then 'dismissed'
            when newest.priority_code = 'prioriter' then 'prioritised'
            when newest.status is not null then 'decided'
            when followed.nomination_id is not null then 'followed'
            when {{ as_of() }} - nominated.nominated_date > {{ quantity('nomination_unanswered') }} then 'unanswered'
            else 'open'
        end as answer,
        newest.status,
        newest.decided_date
    from nominated
    left join newest
        on nominated.centre_id = newest.centre_id
            and nominated.agency = newest.agency
            and nominated.nomination_id = newest.nomination_id
    left join followed
        on nominated.centre_id = followed.centre_id
            and nominated.agency = followed.agency
            and nominated.nomination_id = followed.nomination_id
)

select * from answered
