{{ config(indexes=[{'columns': ['orgnr']}]) }}

with role_ties as (
    select * from {{ ref('role_ties') }}
),

led as materialized (
    select distinct role_ties.orgnr
    from role_ties
    inner join {{ ref('assessed_persons') }} as actors on role_ties.person_id = actors.person_id
    where role_ties.tie = 'leading_role'
),

-- What an actor led, and one link further.
reached as materialized (
    select orgnr from led
    union
    select links.other_orgnr
    from {{ ref('enterprise_links') }} as links
    inner join led on links.one_orgnr = led.orgnr
    union
    select links.one_orgnr
    from {{ ref('enterprise_links') }} as links
    inner join led on links.other_orgnr = led.orgnr
),

connecting as materialized (
    select
        links.one_orgnr as from_key,
        links.other_orgnr as to_key
    from {{ ref('enterprise_links') }} as links
    inner join reached as one on links.one_orgnr = one.orgnr
    inner join reached as other on links.other_orgnr = other.orgnr
    union all
    select
        led.orgnr,
        led.orgnr
    from led
),

{{ component('connecting') }},

dated as (
    select
        component.label,
        component.node as orgnr,
        coalesce(enterprises.founded_date, enterprises.registered_date) as founded_date,
        count(*) over (partition by component.label) > 1 as is_linked
    from component
    inner join {{ ref('registered_enterprises') }} as enterprises on component.node = enterprises.orgnr
),

-- It is named after its oldest enterprise, so that it keeps its name while it grows.
cores as (
    select
        *,
        'N' || upper(left(md5(
            'network ' || first_value(orgnr) over (partition by label order by founded_date nulls last, orgnr)
        ), 12)) as network_id,
        min(founded_date) over (partition by label) as began_date
    from dated
),

founded_alone as (
    select
        enterprises.orgnr,
        min(role_ties.person_id) as person_id,
        coalesce(enterprises.founded_date, enterprises.registered_date) as founded_date
    from {{ ref('registered_enterprises') }} as enterprises
    inner join role_ties on enterprises.orgnr = role_ties.orgnr and role_ties.tie = 'leading_role'
    where enterprises.legal_form_code <> 'ENK'
        and not exists (
            select 1 from {{ ref('enterprise_ties') }} as led
            where led.tie = 'leading_role' and led.to_orgnr = enterprises.orgnr
        )
    group by enterprises.orgnr, enterprises.founded_date, enterprises.registered_date
    having count(*) = 1
        and min(role_ties.first_date)
        <= coalesce(enterprises.founded_date, enterprises.registered_date) + {{ tie_quantity('own_enterprise') }}
),

-- What somebody who leads in the network or sits on a board there founded, and leads alone, while it was at work is
-- part of it; what he had before is his own.
side_enterprises as (
    select distinct on (founded_alone.orgnr)
        founded_alone.orgnr,
        cores.network_id
    from founded_alone
    inner join role_ties on founded_alone.person_id = role_ties.person_id
    inner join cores on role_ties.orgnr = cores.orgnr
    where cores.is_linked
        and founded_alone.founded_date >= cores.began_date
        and not exists (
            select 1 from cores as linked
            where linked.orgnr = founded_alone.orgnr and linked.is_linked
        )
    group by founded_alone.orgnr, cores.network_id
    order by founded_alone.orgnr, count(distinct cores.orgnr) desc, cores.network_id
),

enterprises as (
    select
        network_id,
        orgnr
    from cores
    where is_linked or not exists (
            select 1 from side_enterprises
            where side_enterprises.orgnr = cores.orgnr
        )
    union all
    select
        network_id,
        orgnr
    from side_enterprises
)

select * from enterprises
