{{ config(indexes=[{'columns': ['person_id']}]) }}

with suppressed as (
    select * from {{ source('meta', 'suppressed_rows') }}
    where release_id = {{ disputed() }}
),

standing as (
    select
        source,
        source_record_id,
        person_id
    from {{ source('linkage', 'person_records') }}
),

-- Where the record that disputes is gone, its person is whoever has most of those that were one person with it.
gone as (
    select distinct on (history.source, history.source_record_id)
        history.source,
        history.source_record_id,
        history.person_id,
        history.to_run as ended_by
    from {{ source('linkage', 'person_record_history') }} as history
    inner join suppressed
        on history.source = suppressed.person_source
            and history.source_record_id = suppressed.person_source_record_id
    where history.to_run is not null
        and not exists (
            select 1 from standing
            where standing.source = history.source and standing.source_record_id = history.source_record_id
        )
    order by history.source, history.source_record_id, history.to_run desc
),

followed as (
    select distinct on (gone.source, gone.source_record_id)
        gone.source,
        gone.source_record_id,
        standing.person_id
    from gone
    inner join {{ source('linkage', 'person_record_history') }} as history on gone.person_id = history.person_id
    inner join standing
        on history.source = standing.source and history.source_record_id = standing.source_record_id
    where history.from_run < gone.ended_by
        and coalesce(history.to_run >= gone.ended_by, true)
    group by gone.source, gone.source_record_id, standing.person_id
    order by gone.source, gone.source_record_id, count(*) desc, standing.person_id
),

persons as (
    select * from standing
    union all
    select * from followed
),

disputed as (
    select
        coalesce(moved.person_id, persons.person_id) as person_id,
        suppressed.agency,
        suppressed.extract,
        suppressed.source_row_id,
        suppressed.case_id,
        suppressed.disputed_since,
        suppressed.is_open
    from suppressed
    left join persons
        on suppressed.person_source = persons.source and suppressed.person_source_record_id = persons.source_record_id
    left join {{ source('meta', 'moved_disputes') }} as moved on suppressed.case_id = moved.case_id
    where coalesce(moved.person_id, persons.person_id) <> ''
),

-- An inspection cannot be told without a reaction that belongs to it.
with_inspections as (
    select * from disputed
    union all
    select
        disputed.person_id,
        'arbeidstilsynet',
        'tilsyn',
        reactions.inspection_id,
        disputed.case_id,
        disputed.disputed_since,
        disputed.is_open
    from disputed
    inner join {{ ref('stg_arbeidstilsynet__reactions') }} as reactions
        on disputed.source_row_id = reactions.reaction_id
    where disputed.agency = 'arbeidstilsynet' and disputed.extract = 'reaksjoner'
)

select * from with_inspections
