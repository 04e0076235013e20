with inspections as (
    select
        {{ release_id() }} as release_id,
        inspections.inspection_id,
        inspections.orgnr,
        inspections.inspection_date,
        inspections.inspection_type_code,
        -- At a sole proprietor's the site may be the home.
        case
            when protected.is_municipality_hidden is not true then inspections.municipality_code
        end as municipality_code,
        inspections.checkpoint_count,
        inspections.breach_count,
        inspections.reaction_count,
        inspections.stop_count,
        inspections.fine_count,
        inspections.fine_amount_nok,
        inspections.police_report_count,
        inspections.reversed_count,
        inspections.is_severe
    from {{ ref('inspections_assessed') }} as inspections
    left join {{ ref('protected_enterprises') }} as protected on inspections.orgnr = protected.orgnr
)

select * from inspections
