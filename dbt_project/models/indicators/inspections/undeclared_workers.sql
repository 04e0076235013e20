with led as (
    select * from {{ ref('inspections_led') }}
),

met as (
    select
        persons.source_record_id as observation_id,
        persons.inspection_id,
        links.person_id
    from {{ ref('stg_arbeidstilsynet__persons') }} as persons
    inner join {{ ref('person_links') }} as links
        on persons.source = links.source and persons.source_record_id = links.source_record_id
    where persons.observed_role_code = 'arbeidstaker'
),

tax_links as (
    select
        person_id,
        source_record_id
    from {{ ref('person_links') }}
    where source = 'skatteetaten'
),

employments as (
    select
        tax_links.person_id,
        employments.orgnr,
        employments.valid_from,
        employments.valid_to
    from {{ ref('stg_skatteetaten__employments') }} as employments
    inner join tax_links on employments.source_record_id = tax_links.source_record_id
),

-- Only workers whom the tax agency knows are counted: for others a missing link would look like missing employment.
undeclared as (
    select
        led.person_id,
        led.role_id,
        led.orgnr,
        led.event_date,
        met.observation_id
    from led
    inner join met on led.inspection_id = met.inspection_id
    where exists (
            select 1 from tax_links
            where tax_links.person_id = met.person_id
        )
        and led.person_id <> met.person_id
        and not exists (
            select 1 from employments
            where employments.person_id = met.person_id
                and employments.orgnr = led.orgnr
                and employments.valid_from <= led.event_date
                and coalesce(employments.valid_to >= led.event_date, true)
        )
),

evidence as (
    select
        person_id,
        'arbeidstilsynet' as agency,
        'personer_paa_stedet' as extract,
        observation_id as source_row_id,
        event_date,
        orgnr
    from undeclared
    union all
    {{ role_evidence('undeclared') }}
),

{{ observations(
    'undeclared_workers', value="count(distinct source_row_id) filter (where extract = 'personer_paa_stedet')"
) }}
