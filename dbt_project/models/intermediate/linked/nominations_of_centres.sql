with catchments as (
    {{ catchments_in_force() }}
),

nominated as (
    select * from {{ ref('nominations_in_force') }}
),

persons as (
    select
        centres.centre_id,
        nominated.agency,
        nominated.nomination_id
    from nominated
    inner join {{ ref('centres_of_persons') }} as centres on nominated.person_id = centres.person_id
),

enterprises as (
    select
        coalesce(catchments.centre_id, 'uten_senter') as centre_id,
        nominated.agency,
        nominated.nomination_id
    from nominated
    left join {{ ref('registered_enterprises') }} as registered on nominated.orgnr = registered.orgnr
    left join {{ ref('protected_enterprises') }} as protected on nominated.orgnr = protected.orgnr
    left join catchments
        on registered.municipality_code = catchments.municipality_code
            and not coalesce(protected.is_municipality_hidden, false)
    where nominated.orgnr is not null
),

of_centres as (
    select * from persons
    union all
    select * from enterprises
),

told as (
    select
        of_centres.centre_id,
        nominated.*
    from of_centres
    inner join nominated
        on of_centres.agency = nominated.agency and of_centres.nomination_id = nominated.nomination_id
    where not exists (
            select 1 from {{ ref('withheld_data') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = of_centres.centre_id
                and withheld.agency = of_centres.agency
                and withheld.category = 'nomination'
        )
)

select * from told
