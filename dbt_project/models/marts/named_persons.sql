{{ config(indexes=[{'columns': ['person_id']}]) }}

with listed as (
    select
        centre_id,
        person_id
    from {{ ref('assessments') }}
    where release_id = {{ release_id() }}
),

decided as (
    select distinct
        centre_id,
        person_id
    from {{ ref('decisions_of_persons') }}
    where is_standing
),

subjects as (
    select
        coalesce(listed.centre_id, decided.centre_id) as centre_id,
        coalesce(listed.person_id, decided.person_id) as person_id,
        case when listed.person_id is null then 'decided' else 'listed' end as named_because
    from listed
    full outer join decided on listed.centre_id = decided.centre_id and listed.person_id = decided.person_id
),

leaders as (
    select * from {{ ref('role_ties') }}
    where tie = 'leading_role'
),

-- Who led an enterprise together with another, took the role over from him, or stands in for him.
pairs as (
    select
        one.person_id,
        other.person_id as other_person_id
    from leaders as one
    inner join leaders as other
        on one.orgnr = other.orgnr
            and one.person_id <> other.person_id
            and coalesce(one.last_date > other.first_date, true)
            and coalesce(other.last_date > one.first_date, true)
    union
    select
        person_id,
        taker_person_id
    from {{ ref('handovers') }}
    union
    select
        taker_person_id,
        person_id
    from {{ ref('handovers') }}
    union
    select
        person_id,
        front_person_id
    from {{ ref('straw_men') }}
    where not has_own_role
    union
    select
        front_person_id,
        person_id
    from {{ ref('straw_men') }}
    where not has_own_role
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
    where not exists (
            select 1 from subjects as own
            where own.centre_id = subjects.centre_id and own.person_id = pairs.other_person_id
        )
        -- The tie is a role; nobody is named by one that the centre may not know of.
        and not exists (
            select 1 from {{ ref('withheld_data') }} as withheld
            where withheld.release_id = {{ release_id() }}
                and withheld.withheld_from = subjects.centre_id
                and withheld.category = 'role'
        )
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
    where nominations.person_id is not null
        and not exists (
            select 1 from named_otherwise
            where named_otherwise.centre_id = nominations.centre_id
                and named_otherwise.person_id = nominations.person_id
        )
),

persons as (
    select * from named_otherwise
    union all
    select * from nominated
),

named as (
    select
        {{ release_id() }} as release_id,
        persons.centre_id,
        persons.person_id,
        persons.named_because,
        case when persons.named_because in ('listed', 'decided') then coalesce(centres.basis, 'none') end as basis
    from persons
    left join {{ ref('centres_of_persons') }} as centres
        on persons.centre_id = centres.centre_id and persons.person_id = centres.person_id
)

select * from named
