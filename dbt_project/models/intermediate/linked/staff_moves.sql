-- One worker under two tax records is one, also where he left under the one and began under the other.
with jobs as (
    {{ employments_of_persons() }}
),

moves as (
    select
        earlier.orgnr as from_orgnr,
        later.orgnr as to_orgnr,
        min(later.valid_from) as first_date,
        count(distinct later.person_id) as moved_count
    from jobs as earlier
    inner join jobs as later
        on earlier.person_id = later.person_id
            and earlier.orgnr <> later.orgnr
            and later.valid_from between earlier.valid_to - {{ quantity('staff_overlap') }}
            and earlier.valid_to + {{ tie_quantity('moved_staff') }}
    where later.valid_from <= {{ as_of() }}
    group by earlier.orgnr, later.orgnr
    having count(distinct later.person_id) >= {{ quantity('telling_staff') }}
),

staff as (
    select
        orgnr,
        count(distinct person_id) as staff_count
    from jobs
    where orgnr in (select moves.from_orgnr from moves)
    group by orgnr
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
