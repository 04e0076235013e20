-- Whom the labour inspection met as the one in charge, with or without a registered role.
with observed as (
    select
        links.person_id,
        persons.source_record_id as observation_id,
        -- Of several employers on a site, the one that was observed; where its number is none, nobody can tell which.
        coalesce(persons.employer_orgnr, inspections.orgnr) as orgnr,
        inspections.inspection_date as event_date,
        links.is_strict
    from {{ ref('stg_arbeidstilsynet__persons') }} as persons
    inner join {{ ref('person_links') }} as links
        on persons.source = links.source and persons.source_record_id = links.source_record_id
    inner join {{ ref('inspections_assessed') }} as inspections
        on persons.inspection_id = inspections.inspection_id
    where persons.observed_role_code = 'leder'
        and persons.is_employer_orgnr_invalid is not true
        and inspections.inspection_date <= {{ as_of() }}
        and {{ undisputed('links', "'arbeidstilsynet'", "'tilsyn'", 'inspections.inspection_id') }}
)

select * from observed
