with known_by as (
    select
        known.person_id,
        array_agg(distinct known.agency order by known.agency) as agencies
    from (
        select
            person_id,
            source as agency
        from {{ ref('person_links') }}
        where source <> 'brreg'
        union all
        select
            person_id,
            'arbeidstilsynet'
        from {{ ref('inspections_led') }}
        union all
        select
            person_id,
            'skatteetaten'
        from {{ ref('audits_of_persons') }}
    ) as known
    inner join {{ ref('assessed_persons') }} as actors on known.person_id = actors.person_id
    group by known.person_id
),

controlled_twice as (
    select
        inspected.person_id,
        inspected.orgnr,
        min(abs(inspected.event_date - audited.event_date)) as days_between,
        max(greatest(inspected.event_date, audited.event_date)) as last_date
    from {{ ref('controls_of_persons') }} as inspected
    inner join {{ ref('assessed_persons') }} as actors on inspected.person_id = actors.person_id
    inner join {{ ref('controls_of_persons') }} as audited
        on inspected.person_id = audited.person_id
            and inspected.orgnr = audited.orgnr
            and inspected.agency < audited.agency
            and abs(inspected.event_date - audited.event_date) <= {{ quantity('controlled_twice') }}
    group by inspected.person_id, inspected.orgnr
),

-- Of several centres' decisions in force the one that gives the most serious status is shown, then the newest. Another
-- centre may work on whom that one puts off.
decided as (
    select distinct on (terms.person_id)
        terms.person_id,
        terms.priority_code,
        terms.responsible_agency,
        terms.decided_date,
        bool_or(terms.priority_code in ('prioriter', 'overvaak')) over (partition by terms.person_id) as is_worked_on
    from {{ ref('decision_terms') }} as terms
    inner join {{ ref('status_codes') }} as codes on terms.status = codes.status
    where terms.ended_date is null
    order by
        terms.person_id, codes.seriousness, terms.decided_date desc,
        array_position(array['prioriter', 'overvaak', 'ikke_naa', 'avslutt'], terms.priority_code),
        terms.decision_id desc
),

last_touched as (
    select
        person_id,
        max(event_date) as last_control_date
    from {{ ref('controls_of_persons') }}
    group by person_id
),

open_with as (
    select
        person_id,
        array_agg(agency order by agency) as agencies,
        sum(matters)::integer as open_matters,
        jsonb_agg(jsonb_build_object('agency', agency, 'matters', matters) order by agency) as by_agency
    from (
        select
            person_id,
            agency,
            count(*)::integer as matters
        from {{ ref('open_matters') }}
        group by person_id, agency
    ) as open_at
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
)

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
    decided.priority_code,
    decided.responsible_agency,
    decided.decided_date as prioritised_date,
    open_with.person_id is null
    and decided.is_worked_on is not true
    and (last_touched.last_control_date >= {{ as_of() }} - {{ quantity('worked_on') }}) is not true as nobody_works_on
from {{ ref('assessed_persons') }} as actors
left join known_by on actors.person_id = known_by.person_id
left join open_with on actors.person_id = open_with.person_id
left join twice on actors.person_id = twice.person_id
left join decided on actors.person_id = decided.person_id
left join last_touched on actors.person_id = last_touched.person_id
