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

decided as (
    select
        subjects.centre_id,
        subjects.agency,
        subjects.nomination_id,
        decisions.decision_id,
        decisions.status,
        decisions.priority_code,
        decisions.decided_date
    from subjects
    inner join {{ ref('decisions_of_persons') }} as decisions
        on subjects.centre_id = decisions.centre_id
            and subjects.person_id = decisions.person_id
            and subjects.nominated_date <= decisions.decided_date
    where decisions.is_standing
    union all
    select
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id,
        decisions.decision_id,
        decisions.status,
        decisions.priority_code,
        decisions.decided_date
    from nominated
    inner join {{ ref('group_decisions') }} as decisions
        on nominated.centre_id = decisions.centre_id
            and nominated.orgnr = decisions.group_id
            and nominated.nominated_date <= decisions.decided_date
    where decisions.release_id = {{ release_id() }} and decisions.group_kind = 'enterprise'
),

answers as (
    select distinct on (centre_id, agency, nomination_id)
        centre_id,
        agency,
        nomination_id,
        status,
        priority_code,
        decided_date
    from decided
    order by centre_id, agency, nomination_id, decided_date desc, decision_id desc
),

followed as (
    select distinct
        subjects.centre_id,
        subjects.agency,
        subjects.nomination_id
    from subjects
    inner join {{ ref('statuses_of_persons') }} as statuses
        on subjects.centre_id = statuses.centre_id and subjects.person_id = statuses.person_id
    where statuses.status <> 'avskrevet'
    union
    select
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id
    from nominated
    inner join {{ ref('group_decisions') }} as decisions
        on nominated.centre_id = decisions.centre_id and nominated.orgnr = decisions.group_id
    where decisions.release_id = {{ release_id() }}
        and decisions.group_kind = 'enterprise'
        and decisions.is_standing
        and decisions.status <> 'avskrevet'
),

listed as (
    select
        centre_id,
        person_id as subject_id
    from {{ ref('assessments') }}
    where release_id = {{ release_id() }}
    union all
    select
        centre_id,
        orgnr
    from {{ ref('enterprise_assessments') }}
    where release_id = {{ release_id() }}
),

answered as (
    select
        {{ release_id() }} as release_id,
        nominated.centre_id,
        nominated.agency,
        nominated.nomination_id,
        nominated.person_id,
        nominated.orgnr,
        nominated.nominated_date,
        nominated.valid_until,
        nominated.observed_code,
        nominated.source_grade,
        nominated.information_grade,
        listed.subject_id is not null as is_listed,
        case
            when answers.status = 'avskrevet' then 'dismissed'
            when answers.priority_code = 'prioriter' then 'prioritised'
            when answers.status is not null then 'decided'
            when followed.nomination_id is not null then 'followed'
            when {{ as_of() }} - nominated.nominated_date > {{ quantity('nomination_unanswered') }} then 'unanswered'
            else 'open'
        end as answer,
        answers.status,
        answers.decided_date
    from nominated
    left join answers
        on nominated.centre_id = answers.centre_id
            and nominated.agency = answers.agency
            and nominated.nomination_id = answers.nomination_id
    left join followed
        on nominated.centre_id = followed.centre_id
            and nominated.agency = followed.agency
            and nominated.nomination_id = followed.nomination_id
    left join listed
        on nominated.centre_id = listed.centre_id
            and coalesce(nominated.person_id, nominated.orgnr) = listed.subject_id
)

select * from answered
