with leaderships as (
    select *
    from {{ ref('leaderships') }}
    where valid_from <= {{ as_of() }}
        and coalesce(valid_to - 1 > {{ as_of() }} - make_interval(years => {{ quantity('look_back') }}), true)
),

-- Leading roles held at the same time: accountants, auditors and estate administrators tie nobody together.
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
        on leaderships.orgnr = shared.orgnr
            and leaderships.person_id <> shared.person_id
            and coalesce(leaderships.valid_to > shared.valid_from, true)
            and coalesce(shared.valid_to > leaderships.valid_from, true)
),

{{ observations('network_reach', value='count(distinct other_person_id)') }}
