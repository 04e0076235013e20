with inspections as (
    select
        inspections.*,
        enterprises.industry_group,
        municipalities.municipality_name,
        case
            when inspections.municipality_code is not null then coalesce(catchments.centre_id, 'uten_senter')
        end as centre_id,
        -- At a sole proprietor's the site may be the home.
        coalesce(protected.is_municipality_hidden, false) as is_municipality_hidden
    from {{ ref('inspections_assessed') }} as inspections
    left join {{ ref('registered_enterprises') }} as enterprises on inspections.orgnr = enterprises.orgnr
    left join {{ ref('municipalities') }} as municipalities
        on inspections.municipality_code = municipalities.municipality_code
    left join ({{ catchments_in_force() }}) as catchments
        on inspections.municipality_code = catchments.municipality_code
    left join {{ ref('protected_enterprises') }} as protected on inspections.orgnr = protected.orgnr
),

shown as (
    select
        {{ release_id() }} as release_id,
        inspection_id,
        orgnr,
        inspection_date,
        inspection_type_code,
        case when not is_municipality_hidden then municipality_code end as municipality_code,
        case when not is_municipality_hidden then municipality_name end as municipality_name,
        case when not is_municipality_hidden then centre_id end as centre_id,
        industry_group,
        joint_operation_id,
        checkpoint_count,
        breach_count,
        reaction_count,
        stop_count,
        fine_count,
        fine_amount_nok::bigint as fine_amount_nok,
        police_report_count,
        reversed_count,
        is_severe
    from inspections
)

select * from shown
