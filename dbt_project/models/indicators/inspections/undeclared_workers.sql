with led as (
    select * from {{ ref('inspections_led') }}
),

person_links as (
    select * from {{ ref('person_links') }}
),

met as (
    select
        persons.source_record_id as observation_id,
        persons.inspection_id,
        links.person_id as worker_person_id
    from {{ ref('stg_arbeidstilsynet__persons') }} as persons
    inner join person_links as links
        on persons.source = links.source and persons.source_record_id = links.source_record_id
    where persons.observed_role_code = 'arbeidstaker'
),

-- Only workers whom the tax agency knows are counted: for others a missing link would look like missing employment.
known as (
    select
        met.observation_id,
        inspections.orgnr,
        inspections.inspection_date,
        links.source_record_id
    from met
    inner join {{ ref('inspections_assessed') }} as inspections on met.inspection_id = inspections.inspection_id
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
    select observation_id from known
    except
    select observation_id from employed
),

undeclared as (
    select
        led.person_id,
        led.role_id,
        led.orgnr,
        led.event_date,
        led.inspection_id,
        met.observation_id,
        led.is_strict
    from led
    inner join met on led.inspection_id = met.inspection_id
    inner join unregistered on met.observation_id = unregistered.observation_id
    where led.person_id <> met.worker_person_id
),

evidence as (
    select
        person_id,
        'arbeidstilsynet' as agency,
        'personer_paa_stedet' as extract,
        observation_id as source_row_id,
        event_date,
        orgnr,
        inspection_id,
        is_strict
    from undeclared
    union all
    {{ role_evidence('undeclared', more='inspection_id,') }}
),

{{ observations(
    'undeclared_workers', value="count(distinct source_row_id) filter (where extract = 'personer_paa_stedet')",
    event='inspection_id', by_role=true
) }}
