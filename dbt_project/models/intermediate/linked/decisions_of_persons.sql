-- Where a change of linkage is assessed as if it had not been made, the bearer's records are still somebody else's.
with known as (
    select
        person_id as known_as,
        person_id
    from {{ ref('person_links') }}
    union
    select
        records.person_id,
        links.person_id
    from {{ source('linkage', 'person_record_history') }} as records
    inner join {{ ref('person_links') }} as links
        on records.source = links.source and records.source_record_id = links.source_record_id
    where records.to_run is null and records.person_id <> links.person_id
),

standing as (
    select distinct on (known_as)
        known_as,
        person_id
    from known
    order by known_as, known_as = person_id desc, person_id
),

of_persons as (
    select
        decisions.decision_id,
        decisions.centre_id,
        decisions.decided_release_id,
        coalesce(standing.person_id, bearers.person_id) as person_id,
        decisions.decided_person_id,
        bearers.decided_sequence,
        bearers.moved,
        bearers.moved_sequence,
        bearers.is_split,
        standing.person_id is not null as is_standing,
        decisions.status,
        decisions.priority_code,
        decisions.reason_code,
        decisions.responsible_agency,
        decisions.measures,
        decisions.capacity_change,
        decisions.intention_change,
        decisions.decided_date,
        decisions.next_review_date
    from {{ ref('stg_sentrene__decisions') }} as decisions
    inner join {{ ref('decision_bearers') }} as bearers on decisions.decision_id = bearers.decision_id
    left join standing on bearers.person_id = standing.known_as
)

select * from of_persons
