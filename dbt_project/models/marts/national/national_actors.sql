with lists as (
    select
        person_id,
        count(*) > 1 as is_on_several_lists,
        bool_or(centre_id = 'uten_senter') as is_without_centre
    from {{ ref('national_lists') }}
    where release_id = {{ release_id() }}
    group by person_id
),

named as (
    select
        {{ release_id() }} as release_id,
        persons.person_id,
        -- The name is the agency's from whose record it is.
        case
            when exists (
                    select 1 from {{ source('meta', 'told_nationally') }} as told
                    where told.release_id = {{ release_id() }}
                        and told.agency = persons.name_agency
                        and told.category = 'name'
                )
                then persons.full_name
        end as full_name,
        lists.is_on_several_lists,
        lists.is_without_centre
    from lists
    inner join {{ ref('persons') }} as persons on lists.person_id = persons.person_id
    where persons.release_id = {{ release_id() }}
)

select * from named
