with catchments as (
    {{ catchments_in_force() }}
),

evidence as (
    select
        leaderships.person_id,
        'brreg' as agency,
        'roller' as extract,
        leaderships.role_id as source_row_id,
        leaderships.valid_from as event_date,
        leaderships.orgnr,
        catchments.centre_id,
        leaderships.is_strict
    from {{ ref('leaderships') }} as leaderships
    inner join catchments on leaderships.municipality_code = catchments.municipality_code
    where {{ leads_operating() }}
),

{{ observations('several_centres', value='count(distinct centre_id)') }}
