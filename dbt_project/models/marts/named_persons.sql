{{ config(indexes=[{'columns': ['person_id']}]) }}

with subjects as (
    select
        centre_id,
        person_id,
        case when bool_or(is_listed) then 'listed' else 'decided' end as named_because
    from (
        select
            centre_id,
            person_id,
            true as is_listed
        from {{ ref('assessments') }}
        where release_id = {{ release_id() }}
        union all
        select
            centre_id,
            person_id,
            false
        from {{ ref('decisions_of_persons') }}
        where is_standing
    ) as reasons
    group by centre_id, person_id
),

-- Who led an enterprise together with another, took the role over from him, or stands in for him.
pairs as (
    select
        one.person_id,
        other.person_id as other_person_id,
        null as known_by
    from {{ ref('role_ties') }} as one
    inner join {{ ref('role_ties') }} as other
        on one.orgnr = other.orgnr
            and one.person_id <> other.person_id
            and coalesce(one.last_date > other.first_date, true)
            and coalesce(other.last_date > one.first_date, true)
    where one.tie = 'leading_role' and other.tie = 'leading_role'
    union
    select
        sides.person_id,
        sides.other_person_id,
        ties.known_by
    from (
        select
            person_id,
            taker_person_id,
            'role_handed_over'
        from {{ ref('handovers') }}
        union
        select
            person_id,
            front_person_id,
            null
        from {{ ref('straw_men') }}
        where not has_own_role
    ) as ties (one_id, other_id, known_by)
    cross join lateral (values (one_id, other_id), (other_id, one_id)) as sides (person_id, other_person_id)
),

-- A centre is not told of other areas' people, except those whom it lists or has decided on itself.
counterparts as (
    select distinct
        subjects.centre_id,
        pairs.other_person_id as person_id,
        'counterpart' as named_because
    from subjects
    inner join pairs on subjects.person_id = pairs.person_id
    inner join {{ ref('centres_of_persons') }} as centres
        on subjects.centre_id = centres.centre_id and pairs.other_person_id = centres.person_id
            and centres.basis <> 'decision'
    left join subjects as own on subjects.centre_id = own.centre_id and pairs.other_person_id = own.person_id
    -- Nobody is named by a role or enterprise that may not be told. Who took a role over, more than roles decide.
    left join {{ ref('withheld_data') }} as withheld
        on withheld.release_id = {{ release_id() }} and subjects.centre_id = withheld.withheld_from
            and withheld.category in ('role', 'business')
    left join {{ ref('withheld_rules') }} as untold
        on untold.release_id = {{ release_id() }} and subjects.centre_id = untold.withheld_from
            and pairs.known_by = untold.indicator_code
    where own.person_id is null and withheld.category is null and untold.indicator_code is null
),

named_otherwise as (
    select * from subjects
    union all
    select * from counterparts
    union all
    select
        'national',
        person_id,
        'national'
    from {{ ref('national_actors') }}
    where release_id = {{ release_id() }}
),

-- Whom an agency has put before the team: the name and the nomination alone.
nominated as (
    select distinct
        nominations.centre_id,
        nominations.person_id,
        'nominated' as named_because
    from {{ ref('nominations_of_centres') }} as nominations
    left join named_otherwise
        on nominations.centre_id = named_otherwise.centre_id and nominations.person_id = named_otherwise.person_id
    where nominations.person_id is not null and named_otherwise.person_id is null
)

select
    {{ release_id() }} as release_id,
    persons.centre_id,
    persons.person_id,
    persons.named_because,
    case when persons.named_because in ('listed', 'decided') then coalesce(centres.basis, 'none') end as basis
from (
    select * from named_otherwise
    union all
    select * from nominated
) as persons
left join {{ ref('centres_of_persons') }} as centres
    on persons.centre_id = centres.centre_id and persons.person_id = centres.person_id
