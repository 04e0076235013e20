{{ config(indexes=[{'columns': ['from_orgnr']}, {'columns': ['to_orgnr']}]) }}

with enterprises as (
    select * from {{ ref('registered_enterprises') }}
    where coalesce(founded_date, registered_date) <= {{ as_of() }}
),

successions as (
    select
        successors.orgnr as from_orgnr,
        successors.successor_orgnr as to_orgnr,
        'succession' as tie,
        successors.started_date as first_date,
        1 as tie_count
    from {{ ref('successors') }} as successors
    where successors.started_date <= {{ as_of() }}
        and (
            (successors.has_same_address and successors.moved_count >= 2)
            or (
                (successors.has_same_address or (successors.has_same_industry and successors.moved_count > 0))
                and exists (
                    select 1
                    from {{ ref('bankruptcies_led') }} as before
                    inner join {{ ref('leaderships') }} as after on before.person_id = after.person_id
                    where before.orgnr = successors.orgnr and after.orgnr = successors.successor_orgnr
                )
            )
        )
),

staff as (
    select
        orgnr,
        count(distinct source_record_id) as staff_count
    from {{ ref('employments') }}
    group by orgnr
),

moves as (
    select
        earlier.orgnr as from_orgnr,
        later.orgnr as to_orgnr,
        min(later.valid_from) as first_date,
        count(distinct later.source_record_id) as moved_count
    from {{ ref('employments') }} as earlier
    inner join {{ ref('employments') }} as later
        on earlier.source_record_id = later.source_record_id
            and earlier.orgnr <> later.orgnr
            and later.valid_from between earlier.valid_to - 30
            and earlier.valid_to + {{ tie_quantity('moved_staff') }}
    where later.valid_from <= {{ as_of() }}
    group by earlier.orgnr, later.orgnr
    having count(distinct later.source_record_id) >= 3
),

telling_moves as (
    select moves.*
    from moves
    inner join staff on moves.from_orgnr = staff.orgnr
    where moves.moved_count >= 0.2 * staff.staff_count
),

staff_hubs as (
    select orgnr
    from (
        select
            from_orgnr as orgnr,
            to_orgnr as other_orgnr
        from telling_moves
        union
        select
            to_orgnr,
            from_orgnr
        from telling_moves
    ) as moved
    group by orgnr
    having count(*) > {{ hub_limit('moved_staff') }}
),

moved_staff as (
    select
        telling_moves.from_orgnr,
        telling_moves.to_orgnr,
        'moved_staff' as tie,
        telling_moves.first_date,
        telling_moves.moved_count as tie_count
    from telling_moves
    where not exists (
            select 1 from staff_hubs
            where staff_hubs.orgnr in (telling_moves.from_orgnr, telling_moves.to_orgnr)
        )
),

-- A sole proprietor's business address is a home.
offices as (
    select
        street_address,
        postcode,
        orgnr,
        coalesce(founded_date, registered_date) as started_date,
        count(*) over (partition by street_address, postcode) as enterprise_count
    from enterprises
    where legal_form_code <> 'ENK' and street_address is not null and postcode is not null
),

shared_addresses as (
    select
        one.orgnr as from_orgnr,
        other.orgnr as to_orgnr,
        'shared_address' as tie,
        greatest(one.started_date, other.started_date) as first_date,
        1 as tie_count
    from offices as one
    inner join offices as other
        on one.street_address = other.street_address
            and one.postcode = other.postcode
            and one.orgnr < other.orgnr
    where one.enterprise_count <= {{ hub_limit('shared_address') }}
),

held_by_enterprises as (
    select
        holder_orgnr as from_orgnr,
        orgnr as to_orgnr,
        'leading_role' as tie,
        min(valid_from) as first_date,
        count(*) as tie_count
    from {{ ref('person_roles') }}
    where holder_orgnr is not null and is_leading and holder_orgnr <> orgnr
    group by holder_orgnr, orgnr
),

ties as (
    select * from successions
    union all
    select * from moved_staff
    union all
    select * from shared_addresses
    union all
    select * from held_by_enterprises
)

select
    from_orgnr,
    to_orgnr,
    tie,
    first_date,
    tie_count::integer as tie_count
from ties
