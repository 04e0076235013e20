{#
    The business of a bankrupt enterprise goes on in another: those who lead it took over its former leader's role, live where
    he lives, or the labour inspection met him there as the one in charge. A bankruptcy that the rule on phoenixes counts is not
    counted again.
#}
with behind as (
    select covers.*
    from {{ ref('covers') }} as covers
    where covers.tie <> 'handover'
        and not exists (
            select 1 from {{ ref('phoenixes_of_persons') }} as phoenixes
            where phoenixes.person_id = covers.person_id and phoenixes.orgnr = covers.bankrupt_orgnr
        )
),

carried_on as (
    select
        behind.*,
        successions.bankruptcy_date,
        successions.started_date
    from behind
    inner join {{ ref('successions_of_persons') }} as successions
        on behind.person_id = successions.person_id
            and behind.role_id = successions.role_id
            and behind.orgnr = successions.successor_orgnr
    where {{ is_recent('successions.bankruptcy_date', 'leads_through_others') }}
),

bankrupt as (
    select
        person_id,
        role_id,
        bankruptcy_date as event_date,
        bankrupt_orgnr as orgnr,
        bankrupt_orgnr,
        is_strict
    from carried_on
),

-- What it rests on: the bankruptcy, the successor, the cover's role, the meeting on the site.
evidence as (
    {{ role_evidence('bankrupt', more='bankrupt_orgnr,') }}
    union all
    select
        person_id,
        'brreg',
        'enheter',
        orgnr,
        started_date,
        orgnr,
        bankrupt_orgnr,
        is_strict
    from carried_on
    union all
    {{ role_evidence('carried_on', 'front_role_id', 'since_date', 'bankrupt_orgnr,') }}
    where tie = 'succession'
    union all
    select
        person_id,
        'arbeidstilsynet',
        'personer_paa_stedet',
        observation_id,
        since_date,
        orgnr,
        bankrupt_orgnr,
        is_strict
    from carried_on
    where observation_id is not null
),

{{ observations('leads_through_others', value='count(distinct event_id)', event=collapse_of('bankrupt_orgnr')) }}
