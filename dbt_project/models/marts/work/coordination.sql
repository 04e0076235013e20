with actors as (
    select person_id from {{ ref('assessed_persons') }}
),

known as (
    select
        links.person_id,
        links.source as agency
    from {{ ref('person_links') }} as links
    inner join actors on links.person_id = actors.person_id
    where links.source <> 'brreg'
    union
    select
        inspections.person_id,
        'arbeidstilsynet'
    from {{ ref('inspections_led') }} as inspections
    inner join actors on inspections.person_id = actors.person_id
    union
    select
        audits.person_id,
        'skatteetaten'
    from {{ ref('audits_of_persons') }} as audits
    inner join actors on audits.person_id = actors.person_id
),

controlled_twice as (
    select
        inspected.person_id,
        inspected.orgnr,
        min(abs(inspected.event_date - audited.event_date)) as days_between,
        max(greatest(inspected.event_date, audited.event_date)) as last_date
    from {{ ref('controls_of_persons') }} as inspected
    inner join actors on inspected.person_id = actors.person_id
    inner join {{ ref('controls_of_persons') }} as audited
        on inspected.person_id = audited.person_id
            and inspected.orgnr = audited.orgnr
            and inspected.agency < audited.agency
            and abs(inspected.event_date - audited.event_date) <= {{ quantity('controlled_twice') }}
    group by inspected.person_id, inspected.orgnr
),

in_force as (
    select
        terms.decision_id,
        terms.person_id,
        terms.priority_code,
        terms.responsible_agency,
        terms.decided_date,
        codes.seriousness
    from {{ ref('decision_terms') }} as terms
    inner join {{ ref('status_codes') }} as codes on terms.status = codes.status
    where terms.ended_date is null
),

-- Of several centres' decisions the one that gives the most serious status is shown, then the newest.
shown as (
    select distinct on (person_id)
        person_id,
        priority_code,
        responsible_agency,
        decided_date
    from in_force
    order by
        person_id, seriousness, decided_date desc,
        array_position(array['prioriter', 'overvaak', 'ikke_naa', 'avslutt'], priority_code),
        decision_id desc
),

-- Another centre may work on whom the most serious one puts off.
worked_on as (
    select distinct person_id from in_force
    where priority_code in ('prioriter', 'overvaak')
),

last_touched as (
    select
        person_id,
        max(event_date) as last_control_date
    from {{ ref('controls_of_persons') }}
    group by person_id
),

known_by as (
    select
        person_id,
        array_agg(agency order by agency) as agencies
    from known
    group by person_id
),

open_at as (
    select
        person_id,
        agency,
        count(*)::integer as matters
    from {{ ref('open_matters') }}
    group by person_id, agency
),

open_with as (
    select
        person_id,
        array_agg(agency order by agency) as agencies,
        sum(matters)::integer as open_matters,
        jsonb_agg(jsonb_build_object('agency', agency, 'matters', matters) order by agency) as by_agency
    from open_at
    group by person_id
),

twice as (
    select
        person_id,
        count(*)::integer as enterprises,
        jsonb_agg(
            jsonb_build_object(
                'orgnr', orgnr, 'days_between', days_between, 'last_date', to_char(last_date, 'YYYY-MM-DD')
            )
            order by last_date desc, orgnr
        ) as listed
    from controlled_twice
    group by person_id
),

coordinated as (
    select
        {{ release_id() }} as release_id,
        actors.person_id,
        coalesce(known_by.agencies, '{}') as agencies_that_know,
        coalesce(open_with.agencies, '{}') as agencies_with_open_matters,
        coalesce(open_with.open_matters, 0) as open_matters,
        coalesce(open_with.by_agency, '[]'::jsonb) as open_matters_by_agency,
        coalesce(twice.enterprises, 0) as enterprises_controlled_twice,
        coalesce(twice.listed, '[]'::jsonb) as controlled_twice,
        last_touched.last_control_date,
        shown.priority_code,
        shown.responsible_agency,
        shown.decided_date as prioritised_date,
        open_with.person_id is null
        and worked_on.person_id is null
        and coalesce(
            last_touched.last_control_date < {{ as_of() }} - {{ quantity('worked_on') }}, true
        ) as nobody_works_on
    from actors
    left join known_by on actors.person_id = known_by.person_id
    left join open_with on actors.person_id = open_with.person_id
    left join twice on actors.person_id = twice.person_id
    left join shown on actors.person_id = shown.person_id
    left join worked_on on actors.person_id = worked_on.person_id
    left join last_touched on actors.person_id = last_touched.person_id
)

select * from coordinated
