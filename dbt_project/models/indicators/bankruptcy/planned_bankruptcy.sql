with bankruptcies as (
    select
        person_id,
        orgnr,
        bankruptcy_date,
        bool_or(is_strict) as is_strict
    from {{ ref('bankruptcies_led') }}
    where {{ is_recent('bankruptcy_date', 'planned_bankruptcy') }}
    group by person_id, orgnr, bankruptcy_date
),

all_signs as (
    select
        bankruptcies.person_id,
        'skatteetaten' as agency,
        'restanser' as extract,
        arrears.arrears_id as source_row_id,
        arrears.owed_date as event_date,
        bankruptcies.orgnr,
        arrears.amount_nok,
        bankruptcies.is_strict
    from bankruptcies
    inner join {{ ref('stg_skatteetaten__arrears') }} as arrears on bankruptcies.orgnr = arrears.orgnr
    where arrears.owed_date <= {{ as_of() }}
    union all
    select
        bankruptcies.person_id,
        'nav',
        'lonnsgaranti',
        claims.claim_id,
        claims.claim_date,
        bankruptcies.orgnr,
        null,
        bankruptcies.is_strict
    from bankruptcies
    inner join {{ ref('stg_nav__wage_guarantee_claims') }} as claims on bankruptcies.orgnr = claims.orgnr
    where claims.claim_date <= {{ as_of() }}
    union all
    {{ role_evidence(ref('roles_taken_over'), 'taker_role_id', 'handed_over_date', 'null,') }}
    union all
    -- His own, or all of it: staff who leave for a business of their own before the end have moved nothing for him.
    select
        person_id,
        'brreg',
        'enheter',
        successor_orgnr,
        started_date,
        orgnr,
        null,
        is_strict
    from {{ ref('successions_of_persons') }}
    where started_date < bankruptcy_date and (is_moved_before or (has_own_role and is_carried_on))
),

-- A debt may be stated anew each period: what a bankruptcy is as old as is its own day.
signs as (
    select
        all_signs.*,
        bankruptcies.bankruptcy_date,
        sum(all_signs.amount_nok) over (partition by all_signs.person_id, all_signs.orgnr) as owed_amount_nok
    from all_signs
    inner join bankruptcies
        on all_signs.person_id = bankruptcies.person_id and all_signs.orgnr = bankruptcies.orgnr
    where {{ undisputed('all_signs', 'all_signs.agency', 'all_signs.extract', 'all_signs.source_row_id') }}
),

-- Debts and claims follow any bankruptcy: planned is one before which something was moved out of reach. A small debt
-- tells nothing.
weighed as (
    select
        *,
        extract in ('restanser', 'lonnsgaranti') as is_loss
    from signs
    where extract <> 'restanser' or owed_amount_nok >= {{ quantity('planned_arrears') }}
),

patterns as (
    select
        person_id,
        orgnr,
        bankruptcy_date,
        bool_or(is_strict and is_loss) and bool_or(is_strict and not is_loss) as is_strict
    from weighed
    group by person_id, orgnr, bankruptcy_date
    having bool_or(is_loss) and bool_or(not is_loss)
),

led_into as (
    select
        led.person_id,
        led.role_id,
        led.orgnr,
        led.bankruptcy_date,
        led.is_strict and patterns.is_strict as is_strict
    from {{ ref('bankruptcies_led') }} as led
    inner join patterns on led.person_id = patterns.person_id and led.orgnr = patterns.orgnr
),

evidence as (
    select
        weighed.person_id,
        weighed.agency,
        weighed.extract,
        weighed.source_row_id,
        weighed.event_date,
        weighed.orgnr,
        weighed.bankruptcy_date,
        weighed.is_strict and patterns.is_strict as is_strict
    from weighed
    inner join patterns on weighed.person_id = patterns.person_id and weighed.orgnr = patterns.orgnr
    union all
    -- What was done before is as old as the bankruptcy that it led to.
    {{ bankruptcy_evidence('led_into', more='bankruptcy_date,') }}
),

{{ observations(
    'planned_bankruptcy', value='count(distinct event_id)', event=collapse_of('orgnr'), by_role=true,
    held_on='evidence.bankruptcy_date'
) }}
