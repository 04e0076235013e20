with leaderships as (
    select *
    from {{ ref('leaderships') }}
    where valid_from <= {{ as_of() }}
        and coalesce(valid_to > {{ as_of() }} - interval '10 years', true)
),

-- Leading roles only: accountants, auditors and estate administrators tie nobody together.
evidence as (
    select
        leaderships.person_id,
        'brreg' as agency,
        'roller' as extract,
        shared.role_id as source_row_id,
        shared.valid_from as event_date,
        shared.orgnr,
        shared.person_id as other_person_id,
        leaderships.is_strict
    from leaderships
    inner join leaderships as shared
        on leaderships.orgnr = shared.orgnr and leaderships.person_id <> shared.person_id
),

{{ observations('network_reach', value='count(distinct other_person_id)') }}
