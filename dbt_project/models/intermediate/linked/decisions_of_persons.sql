with recursive decisions as (
    select * from {{ ref('stg_sentrene__decisions') }}
),

history as (
    select
        old_person_id,
        person_id
    from {{ source('linkage', 'person_id_history') }}
    where change = 'merged'
),

standing as (
    select distinct person_id from {{ ref('person_links') }}
),

-- An id that has since been merged away leads to the id that stands now; a split leaves the old id standing.
traced as (
    select distinct
        decided_person_id,
        decided_person_id as person_id
    from decisions
    union
    select
        traced.decided_person_id,
        history.person_id
    from traced
    inner join history on traced.person_id = history.old_person_id
    where not exists (
            select 1 from standing
            where standing.person_id = traced.person_id
        )
),

resolved as (
    select
        decided_person_id,
        min(traced.person_id) as person_id
    from traced
    inner join standing on traced.person_id = standing.person_id
    group by decided_person_id
),

of_persons as (
    select
        decisions.decision_id,
        decisions.centre_id,
        decisions.decided_release_id,
        coalesce(resolved.person_id, decisions.decided_person_id) as person_id,
        resolved.person_id is not null as is_standing,
        decisions.status,
        decisions.priority_code,
        decisions.reason_code,
        decisions.responsible_agency,
        decisions.measures,
        decisions.capacity_change,
        decisions.intention_change,
        decisions.decided_date,
        decisions.next_review_date
    from decisions
    left join resolved on decisions.decided_person_id = resolved.decided_person_id
)

select * from of_persons
