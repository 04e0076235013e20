{{ config(indexes=[{'columns': ['person_id']}]) }}

with left_before as (
    select *
    from {{ ref('bankruptcies_led') }}
    where valid_to < bankruptcy_date
),

-- Somebody else takes the same role within 30 days of its being left, and the enterprise then goes bankrupt.
handed_over as (
    select distinct on (left_before.person_id, left_before.orgnr)
        left_before.person_id,
        left_before.orgnr,
        left_before.role_id,
        left_before.bankruptcy_date,
        left_before.valid_to as handed_over_date,
        taken.person_id as taker_person_id,
        taken.role_id as taker_role_id
    from left_before
    inner join {{ ref('leaderships') }} as taken
        on left_before.orgnr = taken.orgnr
            and left_before.role_code = taken.role_code
            and left_before.person_id <> taken.person_id
            and taken.valid_from between left_before.valid_to - 30 and left_before.valid_to + 30
            and taken.valid_from <= left_before.bankruptcy_date
    order by left_before.person_id, left_before.orgnr, left_before.valid_to desc, taken.role_id
),

-- A taker who led nothing else before is what tells a straw man from an ordinary change of managers.
described as (
    select
        handed_over.*,
        not exists (
            select 1 from {{ ref('leaderships') }} as other
            where other.person_id = handed_over.taker_person_id
                and other.orgnr <> handed_over.orgnr
                and other.valid_from < handed_over.handed_over_date
        ) as is_taker_new
    from handed_over
)

select * from described
