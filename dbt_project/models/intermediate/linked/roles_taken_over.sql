with left_before as (
    select *
    from {{ ref('bankruptcies_led') }}
    where valid_to < bankruptcy_date
),

-- Somebody else takes the same role shortly before or after its being left, and the enterprise then goes bankrupt.
takings as (
    select
        left_before.person_id,
        left_before.orgnr,
        left_before.role_id,
        left_before.is_strict,
        left_before.bankruptcy_date,
        left_before.valid_to as handed_over_date,
        taken.person_id as taker_person_id,
        taken.role_id as taker_role_id
    from left_before
    inner join {{ ref('leaderships') }} as taken
        on left_before.orgnr = taken.orgnr
            and left_before.role_code = taken.role_code
            and left_before.person_id <> taken.person_id
            and taken.valid_from between left_before.valid_to - {{ quantity('handed_over') }}
            and left_before.valid_to + {{ quantity('handed_over') }}
            and taken.valid_from <= left_before.bankruptcy_date
            and {{ undisputed('left_before', "'brreg'", "'roller'", 'taken.role_id') }}
),

-- Each sign for all of them at once: asked of one after the other, each would look through everybody's homes.
experienced as (
    select distinct
        takings.taker_person_id,
        takings.orgnr,
        takings.handed_over_date
    from takings
    inner join {{ ref('leaderships') }} as other on takings.taker_person_id = other.person_id
    where other.orgnr <> takings.orgnr
        and other.valid_from < takings.handed_over_date
),

-- What fell together with it is the same bankruptcy, and tells nothing of what he had been through.
bankrupt_before as (
    select distinct
        takings.person_id,
        takings.orgnr,
        takings.bankruptcy_date
    from takings
    inner join {{ ref('bankruptcies_led') }} as other on takings.person_id = other.person_id
    left join {{ ref('collapses') }} as this_collapse
        on takings.person_id = this_collapse.person_id and takings.orgnr = this_collapse.orgnr
    left join {{ ref('collapses') }} as other_collapse
        on other.person_id = other_collapse.person_id and other.orgnr = other_collapse.orgnr
    where coalesce(other_collapse.collapse_orgnr, other.orgnr)
        <> coalesce(this_collapse.collapse_orgnr, takings.orgnr)
        and other.bankruptcy_date <= takings.bankruptcy_date
        and {{ is_recent('other.bankruptcy_date', 'role_handed_over') }}
),

sharing_home as (
    select distinct
        takings.person_id,
        takings.taker_person_id
    from takings
    inner join {{ ref('homes_of_persons') }} as giver on takings.person_id = giver.person_id and giver.is_household
    inner join {{ ref('homes_of_persons') }} as taker
        on takings.taker_person_id = taker.person_id
            and giver.address_key = taker.address_key
            and giver.postcode = taker.postcode
)

select
    takings.*,
    experienced.orgnr is null as is_taker_new,
    bankrupt_before.orgnr is not null as has_giver_been_bankrupt,
    sharing_home.person_id is not null as has_shared_home
from takings
left join experienced
    on takings.taker_person_id = experienced.taker_person_id
        and takings.orgnr = experienced.orgnr
        and takings.handed_over_date = experienced.handed_over_date
left join bankrupt_before
    on takings.person_id = bankrupt_before.person_id
        and takings.orgnr = bankrupt_before.orgnr
        and takings.bankruptcy_date = bankrupt_before.bankruptcy_date
left join sharing_home
    on takings.person_id = sharing_home.person_id and takings.taker_person_id = sharing_home.taker_person_id
