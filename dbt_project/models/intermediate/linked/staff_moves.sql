-- One worker under two tax records is one.
with workers as (
    select
        person_id,
        source_record_id
    from {{ ref('person_links') }}
    where source = 'skatteetaten'
),

moves as (
    select
        earlier.orgnr as from_orgnr,
        later.orgnr as to_orgnr,
        min(later.valid_from) as first_date,
        count(distinct workers.person_id) as moved_count
    from {{ ref('employments') }} as earlier
    inner join {{ ref('employments') }} as later
        on earlier.source_record_id = later.source_record_id
            and earlier.orgnr <> later.orgnr
            and later.valid_from between earlier.valid_to - {{ quantity('staff_overlap') }}
            and earlier.valid_to + {{ tie_quantity('moved_staff') }}
    inner join workers on later.source_record_id = workers.source_record_id
    where later.valid_from <= {{ as_of() }}
    group by earlier.orgnr, later.orgnr
    having count(distinct workers.person_id) >= {{ quantity('telling_staff') }}
),

staff as (
    select
        employments.orgnr,
        count(distinct workers.person_id) as staff_count
    from {{ ref('employments') }} as employments
    inner join workers on employments.source_record_id = workers.source_record_id
    where employments.orgnr in (select moves.from_orgnr from moves)
    group by employments.orgnr
),

telling_moves as (
    select moves.*
    from moves
    inner join staff on moves.from_orgnr = staff.orgnr
    where 100 * moves.moved_count >= {{ quantity('telling_staff_share') }} * staff.staff_count
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
        telling_moves.first_date,
        telling_moves.moved_count
    from telling_moves
    where telling_moves.from_orgnr not in (select staff_hubs.orgnr from staff_hubs)
        and telling_moves.to_orgnr not in (select staff_hubs.orgnr from staff_hubs)
)

select * from moved_staff
