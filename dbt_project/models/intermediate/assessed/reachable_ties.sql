with actors as (
    select person_id from {{ ref('assessed_persons') }}
),

role_ties as (
    select * from {{ ref('role_ties') }}
),

enterprise_ties as (
    select * from {{ ref('enterprise_ties') }}
),

led as materialized (
    select distinct role_ties.orgnr
    from role_ties
    inner join actors on role_ties.person_id = actors.person_id
    where role_ties.tie = 'leading_role'
),

-- What an actor led, and one tie further.
reached as materialized (
    select orgnr from led
    union
    select enterprise_ties.to_orgnr
    from enterprise_ties
    inner join led on enterprise_ties.from_orgnr = led.orgnr
    union
    select enterprise_ties.from_orgnr
    from enterprise_ties
    inner join led on enterprise_ties.to_orgnr = led.orgnr
),

ties as (
    select
        'person' as from_kind,
        role_ties.person_id as from_id,
        'enterprise' as to_kind,
        role_ties.orgnr as to_id,
        role_ties.tie,
        role_ties.first_date,
        role_ties.last_date,
        role_ties.tie_count
    from role_ties
    inner join reached on role_ties.orgnr = reached.orgnr
    union all
    select
        'enterprise',
        enterprise_ties.from_orgnr,
        'enterprise',
        enterprise_ties.to_orgnr,
        enterprise_ties.tie,
        enterprise_ties.first_date,
        null,
        enterprise_ties.tie_count
    from enterprise_ties
    inner join reached as origins on enterprise_ties.from_orgnr = origins.orgnr
    inner join reached as targets on enterprise_ties.to_orgnr = targets.orgnr
)

select * from ties
