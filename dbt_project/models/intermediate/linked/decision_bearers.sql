{%- set told = source('told', 'prioritisations') %}
-- What releases found goes in time, and the status stays where they put it: with that person, or with whoever has the
-- id by now.
with told_before as (
    {% if has_earlier_releases(told) %}
        select distinct on (told.decision_id)
            told.decision_id,
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
            null::text as person_id
        where false
    {% endif %}
),

-- Whoever has most of the facts; without any whoever has it already, and at first whoever kept the id, and so most of
-- the records.
bearers as (
    select distinct on (candidates.decision_id)
        candidates.decision_id,
        candidates.person_id,
        candidates.decided_sequence,
        candidates.moved,
        candidates.moved_sequence,
        candidates.is_split
    from {{ ref('decision_candidates') }} as candidates
    left join told_before
        on candidates.decision_id = told_before.decision_id and candidates.person_id = told_before.person_id
    order by
        candidates.decision_id, candidates.carried_points desc nulls last, told_before.person_id is null,
        candidates.person_id = candidates.decided_person_id desc, candidates.person_id
)

select * from bearers
