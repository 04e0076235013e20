with person_links as (
    select * from {{ ref('person_links') }}
),

-- Whose worker it is, is what was observed on the site; where nothing was, the inspected enterprise's. Where its number
-- is none, nobody can tell whose.
met as (
    select
        persons.source_record_id as observation_id,
        persons.inspection_id,
        links.person_id as worker_person_id,
        links.is_strict,
        coalesce(persons.employer_orgnr, inspections.orgnr) as orgnr,
        inspections.inspection_date
    from {{ ref('stg_arbeidstilsynet__persons') }} as persons
    inner join {{ ref('inspections_assessed') }} as inspections
        on persons.inspection_id = inspections.inspection_id
    inner join person_links as links
        on persons.source = links.source and persons.source_record_id = links.source_record_id
    where persons.observed_role_code = 'arbeidstaker'
        and persons.is_employer_orgnr_invalid is not true
        and inspections.inspection_date <= {{ as_of() }}
),

-- Only workers whom the tax agency knows are counted: for others a missing link would look like missing employment.
known as (
    select
        met.observation_id,
        met.orgnr,
        met.inspection_date,
        links.source_record_id,
        met.is_strict and links.is_strict as is_strict
    from met
    inner join person_links as links
        on met.worker_person_id = links.person_id and links.source = 'skatteetaten'
),

employed as (
    select distinct known.observation_id
    from known
    inner join {{ ref('employments') }} as employments
        on known.source_record_id = employments.source_record_id
            and known.orgnr = employments.orgnr
            and known.inspection_date >= employments.valid_from
            and coalesce(known.inspection_date <= employments.valid_to, true)
),

unregistered as (
    select
        known.observation_id,
        bool_and(known.is_strict) as is_strict
    from known
    where not exists (
            select 1 from employed
            where employed.observation_id = known.observation_id
        )
    group by known.observation_id
)

select
    met.observation_id,
    met.inspection_id,
    met.inspection_date,
    met.orgnr,
    met.worker_person_id,
    unregistered.is_strict
from met
inner join unregistered on met.observation_id = unregistered.observation_id
