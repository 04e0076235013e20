-- depends_on: {{ ref('indicator_observations') }}
with candidates as (
    select
        traced.decision_id,
        traced.person_id,
        decisions.centre_id,
        decisions.decided_person_id,
        decisions.decided_release_id,
        traced.decided_sequence,
        max(max(traced.moved)) over (partition by traced.decision_id) as moved,
        max(max(traced.known_sequence)) over (partition by traced.decision_id) as moved_sequence,
        count(*) over (partition by traced.decision_id) > 1 as is_split
    from {{ ref('decisions_traced') }} as traced
    inner join {{ ref('stg_sentrene__decisions') }} as decisions on traced.decision_id = decisions.decision_id
    where not traced.is_spent
    group by 1, 2, 3, 4, 5, 6
),

-- A centre's decisions on one id stay together, and go by the facts of the newest.
newest as (
    select distinct on (centre_id, decided_person_id, moved_sequence)
        centre_id,
        decided_person_id,
        decided_release_id,
        moved_sequence,
        (
            select releases.release_id
            from {{ source('meta', 'releases') }} as releases
            where releases.sequence >= candidates.moved_sequence
                and exists (
                    select 1 from {{ source('told', 'indicator_observations') }} as told
                    where told.release_id = releases.release_id
                )
            order by releases.sequence
            limit 1
        ) as parted_release_id
    from candidates
    where is_split
    order by centre_id, decided_person_id, moved_sequence, decided_sequence desc
),

-- What those releases found of them, as far as the centre may know of it.
found as (
    select
        asked.centre_id,
        asked.release_id,
        asked.person_id,
        item ->> 'agency' as agency,
        item ->> 'extract' as extract,
        item ->> 'source_row_id' as source_row_id,
        sum(observations.points::numeric / jsonb_array_length(observations.evidence)) as points
    from (
        select
            centre_id,
            decided_release_id as release_id,
            decided_person_id as person_id
        from newest
        union
        select
            newest.centre_id,
            newest.parted_release_id,
            candidates.person_id
        from newest
        inner join candidates
            on newest.centre_id = candidates.centre_id
                and newest.decided_person_id = candidates.decided_person_id
                and newest.moved_sequence = candidates.moved_sequence
    ) as asked
    inner join {{ source('told', 'indicator_observations') }} as observations
        on asked.release_id = observations.release_id and asked.person_id = observations.person_id
    cross join lateral jsonb_array_elements(observations.evidence) as item
    where not exists (
            select 1 from {{ ref('withheld_rules') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = asked.centre_id
                and withheld.indicator_code = observations.indicator_code
        )
    group by 1, 2, 3, 4, 5, 6
),

-- What gave points in the release that was decided on. Who has it is seen in the release that parted them: what counts
-- for whom later on moves no status.
carried as (
    select
        newest.centre_id,
        newest.decided_person_id,
        newest.moved_sequence,
        had.person_id,
        sum(given_for.points) as points
    from newest
    inner join found as given_for
        on newest.centre_id = given_for.centre_id
            and newest.decided_release_id = given_for.release_id
            and newest.decided_person_id = given_for.person_id
            and given_for.points > 0
    inner join found as had
        on newest.centre_id = had.centre_id
            and newest.parted_release_id = had.release_id
            and given_for.agency = had.agency
            and given_for.extract = had.extract
            and given_for.source_row_id = had.source_row_id
    group by 1, 2, 3, 4
)

select
    candidates.*,
    carried.points as carried_points
from candidates
left join carried
    on candidates.centre_id = carried.centre_id
        and candidates.decided_person_id = carried.decided_person_id
        and candidates.moved_sequence = carried.moved_sequence
        and candidates.person_id = carried.person_id
