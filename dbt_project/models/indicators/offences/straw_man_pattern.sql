with bankruptcies as (
    select * from {{ ref('bankruptcies_led') }}
    where {{ is_recent('bankruptcy_date', 'straw_man_pattern') }}
),

cases as (
    select *
    from {{ ref('police_cases_of_persons') }}
    where {{ is_charged() }}
),

bankrupts as (
    select
        person_id,
        bool_or(is_strict) as is_strict
    from bankruptcies
    group by person_id
),

bankruptcies_of_charged as (
    select * from bankruptcies
    where person_id in (select cases.person_id from cases)
),

evidence as (
    select
        cases.person_id,
        'politiet' as agency,
        'saker' as extract,
        cases.case_number as source_row_id,
        cases.reported_date as event_date,
        cases.orgnr,
        cases.case_number,
        cases.is_strict and bankrupts.is_strict as is_strict
    from cases
    inner join bankrupts on cases.person_id = bankrupts.person_id
    union all
    {{ bankruptcy_evidence('bankruptcies_of_charged', more='null as case_number,') }}
),

{{ observations('straw_man_pattern', value='count(distinct case_number)', event='case_number') }}
