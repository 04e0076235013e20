with catchments as (
    {{ catchments_in_force() }}
),

controlled as (
    {{ control_evidence() }}
),

-- One enterprise a centre: the one that is controlled most surely.
evidence as (
    select distinct on (controlled.person_id, catchments.centre_id)
        controlled.*,
        catchments.centre_id
    from controlled
    inner join catchments on controlled.municipality_code = catchments.municipality_code
    order by
        controlled.person_id, catchments.centre_id,
        controlled.strength desc, not controlled.is_strict, controlled.event_date, controlled.source_row_id
),

{{ observations('several_centres', value='round(sum(strength))', through=true) }}
