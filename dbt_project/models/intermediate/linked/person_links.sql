{{ config(indexes=[{'columns': ['source', 'source_record_id']}, {'columns': ['person_id']}]) }}

-- Linkage keeps what earlier periods held; an assessment speaks only of what this period's state holds.
with standing as materialized (
    select
        links.person_id,
        links.source,
        links.source_record_id,
        links.link_kind,
        links.match_weight,
        links.source || '/' || links.source_record_id as record_key
    from {{ source('linkage', 'person_records') }} as links
    inner join {{ ref('person_records') }} as records
        on links.source = records.source and links.source_record_id = records.source_record_id
),

found as materialized (
    select
        source_l || '/' || source_record_id_l as from_key,
        source_r || '/' || source_record_id_r as to_key,
        match_weight >= {{ quantity('strict_link') }} as is_strict
    from {{ source('linkage', 'accepted_pairs') }}
),

weakly_found as (
    select unnest(array[from_key, to_key]) as record_key
    from found
    where not coalesce(is_strict, false)
),

-- Only of persons somewhere held together by less than a strict link is there anything to find out.
doubtful as materialized (
    select *
    from standing
    where person_id in (
            select weak.person_id
            from standing as weak
            inner join weakly_found on weak.record_key = weakly_found.record_key
        )
),

-- By itself, since every two records of a person would be paired first else.
strict_from as materialized (
    select
        found.from_key,
        found.to_key,
        one.person_id
    from found
    inner join doubtful as one on found.from_key = one.record_key
    where found.is_strict
),

strict_ties as materialized (
    select
        record_key as from_key,
        record_key as to_key
    from doubtful
    union
    select
        min(record_key) over (partition by person_id),
        record_key
    from doubtful
    -- That leaves the links by equal person numbers.
    where link_kind not in ('probabilistic', 'reviewed', 'single')
    union
    select
        strict_from.from_key,
        strict_from.to_key
    from strict_from
    inner join doubtful as other
        on strict_from.to_key = other.record_key and strict_from.person_id = other.person_id
    union
    select
        one.record_key,
        other.record_key
    from {{ source('linkage', 'known_verdicts') }} as decisions
    inner join doubtful as one on decisions.source_l || '/' || decisions.source_record_id_l = one.record_key
    inner join doubtful as other
        on decisions.source_r || '/' || decisions.source_record_id_r = other.record_key
            and one.person_id = other.person_id
    where decisions.verdict = 'same'
),

{{ component('strict_ties') }},

-- Of the parts that strict links alone would leave, the firm core is the largest; of equals the best described.
parts as (
    select
        doubtful.person_id,
        doubtful.record_key,
        component.label,
        count(*) over (partition by doubtful.person_id, component.label) as record_count,
        min({{ reliability('doubtful.source') }}) over (partition by doubtful.person_id, component.label) as best_source
    from doubtful
    inner join component on doubtful.record_key = component.node
),

cores as (
    select distinct on (person_id)
        person_id,
        label
    from parts
    order by person_id, record_count desc, best_source, label
),

-- None is there twice: of what is distinct the planner expects few, and of these it would else expect everybody.
outside as (
    select distinct parts.record_key
    from parts
    inner join cores on parts.person_id = cores.person_id and parts.label <> cores.label
)

select
    standing.person_id,
    standing.source,
    standing.source_record_id,
    standing.match_weight,
    outside.record_key is null as is_strict
from standing
left join outside on standing.record_key = outside.record_key
