{%- set told = source('told', 'nominations') %}
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
        nominated.orgnr,
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
        nominated.orgnr,
        null::text as decided_person_id,
        decisions.decision_id,
        decisions.decided_release_id,
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
        subjects.orgnr,
        decisions.decided_person_id,
        decisions.decision_id,
        decisions.decided_release_id,
        decisions.status,
        decisions.priority_code,
        decisions.decided_date,
        decisions.is_standing
    from subjects
    inner join {{ ref('decisions_of_persons') }} as decisions
        on subjects.centre_id = decisions.centre_id and subjects.person_id = decisions.person_id
    where decisions.is_standing
    union all
    select * from on_enterprises
),

-- A team answers what the release that it decided on had put before it, and of whom it decided on.
newest as (
    select distinct on (decided.centre_id, decided.agency, decided.nomination_id) decided.*
    from decided
    {% if has_earlier_releases(told) -%}
        inner join {{ told }} as shown
            on decided.decided_release_id = shown.release_id
                and decided.centre_id = shown.centre_id
                and decided.agency = shown.agency
                and decided.nomination_id = shown.nomination_id
                and coalesce(decided.orgnr, decided.decided_person_id) = coalesce(shown.orgnr, shown.person_id)
    {%- endif %}
    where decided.nominated_date <= decided.decided_date
    order by
        decided.centre_id, decided.agency, decided.nomination_id, decided.decided_date desc, decided.decision_id desc
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
    left join newest using (centre_id, agency, nomination_id)
    left join followed using (centre_id, agency, nomination_id)
)

select * from answered
