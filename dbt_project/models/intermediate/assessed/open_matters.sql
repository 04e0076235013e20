-- A matter is open while the agency's own row says that it has not ended.
with actors as (
    select person_id from {{ ref('assessed_persons') }}
),

open_matters as (
    select
        cases.person_id,
        'politiet' as agency,
        'saker' as extract,
        cases.case_number as source_row_id
    from {{ ref('police_cases_of_persons') }} as cases
    inner join actors on cases.person_id = actors.person_id
    where cases.outcome_code is null and cases.reported_date <= {{ as_of() }}
    union
    select
        led.person_id,
        'arbeidstilsynet',
        'reaksjoner',
        reactions.reaction_id
    from {{ ref('inspections_led') }} as led
    inner join actors on led.person_id = actors.person_id
    inner join {{ ref('reactions_decided') }} as reactions
        on led.inspection_id = reactions.inspection_id
    where reactions.reaction_status_code = 'aktiv'
    union
    select
        arrears.person_id,
        'skatteetaten',
        'restanser',
        arrears.arrears_id
    from {{ ref('arrears_of_persons') }} as arrears
    inner join actors on arrears.person_id = actors.person_id
    where arrears.amount_nok > 0
    union
    select
        links.person_id,
        'nav',
        'saker',
        cases.benefit_case_id
    from {{ ref('stg_nav__benefit_cases') }} as cases
    inner join {{ ref('person_links') }} as links
        on links.source = 'nav' and cases.source_record_id = links.source_record_id
    inner join actors on links.person_id = actors.person_id
    where cases.benefit_from <= {{ as_of() }}
        and not cases.is_decision_changed
        and {{ benefit_ends() }} >= {{ as_of() }}
)

select * from open_matters
where {{ undisputed('open_matters', 'open_matters.agency', 'open_matters.extract', 'open_matters.source_row_id') }}
