with recursive decisions as (
    select
        stg.*,
        coalesce(releases.sequence, 0) as decided_sequence
    from {{ ref('stg_sentrene__decisions') }} as stg
    left join {{ source('meta', 'releases') }} as releases on stg.decided_release_id = releases.release_id
),

history as (
    select
        ids.old_person_id,
        ids.person_id,
        ids.change,
        coalesce(releases.sequence, 1) as changed_sequence
    from {{ source('linkage', 'person_id_history') }} as ids
    left join {{ source('meta', 'releases') }} as releases on ids.release_id = releases.release_id
    -- What later releases did to an id is nothing that this one knows.
    where not exists (
            select 1 from {{ source('meta', 'releases') }} as this
            where this.release_id = {{ release_id() }} and this.sequence < releases.sequence
        )
),

standing as (
    select distinct person_id from {{ ref('person_links') }}
),

-- What became of the id after the release that was decided on: merged, it leads to the id that took it over; split, it
-- leads to everyone it has become, the one who kept it included.
traced as (
    select
        decision_id,
        decided_person_id as person_id,
        decided_sequence as known_sequence,
        null::text as moved
    from decisions
    union
    select
        traced.decision_id,
        history.person_id,
        history.changed_sequence,
        greatest(traced.moved, history.change)
    from traced
    inner join history
        on traced.person_id = history.old_person_id and traced.known_sequence < history.changed_sequence
),

resolved as (
    select
        traced.decision_id,
        traced.person_id,
        max(max(traced.moved)) over (partition by traced.decision_id) as moved
    from traced
    inner join standing on traced.person_id = standing.person_id
    group by traced.decision_id, traced.person_id
),

of_persons as (
    select
        decisions.decision_id,
        decisions.centre_id,
        decisions.decided_release_id,
        coalesce(resolved.person_id, decisions.decided_person_id) as person_id,
        decisions.decided_person_id,
        resolved.moved,
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
    left join resolved on decisions.decision_id = resolved.decision_id
)

select * from of_persons
