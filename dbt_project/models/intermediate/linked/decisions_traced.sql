with recursive decisions as (
    select
        stg.decision_id,
        stg.decided_person_id,
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

-- What became of the id after the release that was decided on: merged, it leads to the id that took it over; split, it
-- leads to everyone it has become, the one who kept it included.
traced as (
    select
        decision_id,
        decided_sequence,
        decided_person_id as person_id,
        decided_sequence as known_sequence,
        null::text as moved
    from decisions
    union
    select
        traced.decision_id,
        traced.decided_sequence,
        history.person_id,
        history.changed_sequence,
        greatest(traced.moved, history.change)
    from traced
    inner join history
        on traced.person_id = history.old_person_id and traced.known_sequence < history.changed_sequence
),

marked as (
    select
        traced.decision_id,
        traced.decided_sequence,
        traced.person_id,
        traced.known_sequence,
        traced.moved,
        merged.old_person_id is not null as is_spent
    from traced
    -- No id is given again, so that it is merged once.
    left join history as merged
        on traced.person_id = merged.old_person_id
            and merged.change = 'merged'
            and traced.known_sequence < merged.changed_sequence
)

select * from marked
