with bankrupt as (
    select
        orgnr,
        bankruptcy_date,
        industry_group,
        address_key,
        postcode
    from {{ ref('registered_enterprises') }}
    where bankruptcy_date <= {{ as_of() }}
),

started as (
    select
        orgnr,
        coalesce(founded_date, registered_date) as started_date,
        industry_group,
        address_key,
        postcode
    from {{ ref('registered_enterprises') }}
    where coalesce(founded_date, registered_date) <= {{ as_of() }}
),

jobs as (
    {{ employments_of_persons() }}
),

-- The same worker under two tax records is one, also where he left under the one and began under the other. That
-- whoever led it works in the next is his own way on and no staff that followed.
moved as (
    select
        bankrupt.orgnr,
        later.orgnr as successor_orgnr,
        min(later.valid_from) as first_moved_date,
        count(distinct later.person_id) as moved_count,
        count(distinct later.person_id) filter (
            where later.valid_from < bankrupt.bankruptcy_date
        ) as moved_before_count
    from bankrupt
    inner join jobs as earlier
        on bankrupt.orgnr = earlier.orgnr
            and coalesce(earlier.valid_to, bankrupt.bankruptcy_date)
            between bankrupt.bankruptcy_date - {{ quantity('phoenix_before') }}
            and bankrupt.bankruptcy_date + {{ quantity('staff_moved') }}
    inner join jobs as later
        on earlier.person_id = later.person_id
            and earlier.orgnr <> later.orgnr
            and earlier.valid_from <= later.valid_from
            and later.valid_from between bankrupt.bankruptcy_date - {{ quantity('phoenix_before') }}
            and bankrupt.bankruptcy_date + {{ quantity('phoenix') }}
    where not exists (
            select 1 from {{ ref('leaderships') }} as leaders
            where leaders.orgnr = bankrupt.orgnr and leaders.person_id = later.person_id
        )
    group by bankrupt.orgnr, later.orgnr
),

candidates as (
    select
        bankrupt.orgnr,
        started.orgnr as successor_orgnr
    from bankrupt
    inner join started
        on bankrupt.address_key = started.address_key
            and bankrupt.postcode = started.postcode
    union
    select
        before.orgnr,
        after.orgnr
    from {{ ref('bankruptcies_led') }} as before
    inner join {{ ref('leaderships') }} as after on before.person_id = after.person_id
    union
    select
        orgnr,
        successor_orgnr
    from moved
    where moved_count >= 2
),

succeeded as (
    select
        bankrupt.orgnr,
        candidates.successor_orgnr,
        bankrupt.bankruptcy_date,
        started.started_date,
        -- The business has gone over when the first employee has, and at the bankruptcy at the latest.
        least(moved.first_moved_date, bankrupt.bankruptcy_date) as moved_date,
        coalesce(
            bankrupt.address_key = started.address_key and bankrupt.postcode = started.postcode, false
        ) as has_same_address,
        coalesce(bankrupt.industry_group = started.industry_group, false) as has_same_industry,
        coalesce(moved.moved_count, 0) as moved_count,
        coalesce(moved.moved_before_count, 0) as moved_before_count
    from candidates
    inner join bankrupt on candidates.orgnr = bankrupt.orgnr
    inner join started on candidates.successor_orgnr = started.orgnr
    left join moved
        on candidates.orgnr = moved.orgnr and candidates.successor_orgnr = moved.successor_orgnr
    where started.orgnr <> bankrupt.orgnr
        and started.started_date between bankrupt.bankruptcy_date - {{ quantity('phoenix_before') }}
        and bankrupt.bankruptcy_date + {{ quantity('phoenix') }}
)

select * from succeeded
