with arrears as (
    select * from {{ ref('arrears_of_persons') }}
),

evidence as (
    select
        person_id,
        'skatteetaten' as agency,
        'restanser' as extract,
        arrears_id as source_row_id,
        event_date,
        held_on,
        orgnr,
        amount_nok,
        is_strict
    from arrears
    union all
    select
        person_id,
        'brreg',
        'roller',
        role_id,
        event_date,
        held_on,
        orgnr,
        0,
        is_strict
    from arrears
    where role_id is not null
),

{{ observations('tax_arrears', value='sum(amount_nok)', by_role=true, held_on='evidence.held_on') }}
