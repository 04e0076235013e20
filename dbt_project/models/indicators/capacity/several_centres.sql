with catchments as (
    select
        centre_id,
        municipality_code
    from {{ ref('centre_catchments') }}
    where valid_from <= {{ as_of() }} and coalesce(valid_to > {{ as_of() }}, true)
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
    where leaderships.is_active and coalesce(leaderships.bankruptcy_date > {{ as_of() }}, true)
),

{{ observations('several_centres', value='count(distinct centre_id)') }}
