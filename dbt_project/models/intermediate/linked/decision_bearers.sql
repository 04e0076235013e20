{%- set told = source('told', 'prioritisations') %}
-- What releases found goes in time, and the status stays where they put it: with that person, or with whoever has the
-- id by now.
with told_before as (
    {% if has_earlier_releases(told) %}
        select distinct on (told.decision_id)
            told.decision_id,
            told.release_id as told_release_id,
            told.person_id as then_person_id,
            coalesce(merged.person_id, told.person_id) as person_id
        from {{ told }} as told
        inner join {{ source('meta', 'releases') }} as releases on told.release_id = releases.release_id
        inner join {{ source('meta', 'releases') }} as this
            on this.release_id = {{ release_id() }} and releases.sequence < this.sequence
        left join {{ source('linkage', 'person_id_history') }} as merged
            on told.person_id = merged.old_person_id
                and merged.change = 'merged'
                and merged.release_id in (
                    select known.release_id from {{ source('meta', 'releases') }} as known
                    where known.sequence <= this.sequence
                )
        order by told.decision_id, releases.sequence desc
    {% else %}
        select
            null::text as decision_id,
            null::text as told_release_id,
            null::text as then_person_id,
            null::text as person_id
        where false
    {% endif %}
),

-- Asked of few persons: written out, it would be every membership in every release.
memberships as not materialized (
    select
        runs.release_id,
        history.person_id,
        history.source,
        history.source_record_id
    from {{ source('linkage', 'person_record_history') }} as history
    inner join {{ source('linkage', 'runs') }} as runs
        on history.from_run <= runs.run_number and coalesce(history.to_run > runs.run_number, true)
),

-- Of the records that the person decided on had, and whom it was told of last: merged and parted again, an id may have
-- none of them left.
kept as (
    select
        candidates.decision_id,
        candidates.person_id,
        count(*) as records
    from {{ ref('decision_candidates') }} as candidates
    inner join memberships as decided
        on candidates.decided_release_id = decided.release_id and candidates.decided_person_id = decided.person_id
    inner join {{ ref('person_links') }} as links
        on candidates.person_id = links.person_id
            and decided.source = links.source
            and decided.source_record_id = links.source_record_id
    left join told_before on candidates.decision_id = told_before.decision_id
    where candidates.is_split
        and (
            told_before.decision_id is null
            or exists (
                select 1 from memberships as told
                where told.release_id = told_before.told_release_id
                    and told.person_id = told_before.then_person_id
                    and told.source = links.source
                    and told.source_record_id = links.source_record_id
            )
        )
    group by candidates.decision_id, candidates.person_id
),

-- Whoever has most of the facts; without any most of the records; without these whoever has it already, and at first
-- whoever kept the id.
bearers as (
    select distinct on (candidates.decision_id)
        candidates.decision_id,
        candidates.person_id,
        candidates.decided_sequence,
        candidates.moved,
        candidates.moved_sequence,
        candidates.is_split
    from {{ ref('decision_candidates') }} as candidates
    left join kept
        on candidates.decision_id = kept.decision_id and candidates.person_id = kept.person_id
    left join told_before
        on candidates.decision_id = told_before.decision_id and candidates.person_id = told_before.person_id
    order by
        candidates.decision_id, candidates.carried_points desc nulls last, kept.records desc nulls last,
        told_before.person_id is null,
        candidates.person_id = candidates.decided_person_id desc, candidates.person_id
)

select * from bearers
