{{ config(indexes=[{'columns': ['person_id']}]) }}

with disputed as (
    select
        persons.person_id,
        rows.agency,
        rows.extract,
        rows.source_row_id,
        rows.case_id,
        rows.disputed_since,
        rows.is_open
    from {{ source('meta', 'suppressed_rows') }} as rows
    inner join {{ source('linkage', 'person_records') }} as persons
        on rows.person_source = persons.source and rows.person_source_record_id = persons.source_record_id
    where rows.release_id = {{ disputed() }}
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
