with reactions as (
    select
        {{ release_id() }} as release_id,
        reactions.reaction_id,
        reactions.inspection_id,
        inspections.orgnr,
        reactions.reaction_code,
        reactions.decided_date,
        reactions.amount_nok,
        reactions.reaction_status_code,
        reactions.is_reversed
    from {{ ref('reactions_decided') }} as reactions
    inner join {{ ref('inspections_assessed') }} as inspections on reactions.inspection_id = inspections.inspection_id
)

select * from reactions
