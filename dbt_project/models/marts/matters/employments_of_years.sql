-- Of the years that facts count, each in which somebody was employed; the same worker under two tax records is one.
with employments as (
    select
        employments.orgnr,
        links.person_id,
        extract(year from {{ as_of() }})::integer - {{ quantity('look_back') }}::integer as first_year,
        extract(year from employments.valid_from)::integer as started_year,
        extract(year from least(employments.valid_to, {{ as_of() }}))::integer as last_year,
        employments.valid_to <= {{ as_of() }} as has_ended
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where employments.valid_from <= {{ as_of() }}
),

-- A bit for each year, from the first on: as rows they are several times as many as employments.
years_worked as (
    select
        orgnr,
        person_id,
        first_year,
        (2::bigint << (last_year - first_year)) - (1::bigint << greatest(started_year - first_year, 0)) as worked,
        case when started_year >= first_year then 1::bigint << (started_year - first_year) else 0 end as started,
        case when has_ended then 1::bigint << (last_year - first_year) else 0 end as ended
    from employments
    where last_year >= greatest(started_year, first_year)
),

workers as (
    select
        orgnr,
        first_year,
        bit_or(worked) as worked,
        bit_or(started) as started,
        bit_or(ended) as ended
    from years_worked
    group by orgnr, person_id, first_year
),

counted as (
    select
        {{ release_id() }} as release_id,
        orgnr,
        first_year + place as year,
        count(*)::integer as worker_count,
        (count(*) filter (where (started >> place & 1) = 1))::integer as started_count,
        (count(*) filter (where (ended >> place & 1) = 1))::integer as ended_count
    from workers
    cross join generate_series(0, {{ quantity('look_back') }}::integer) as place
    where (worked >> place & 1) = 1
    group by orgnr, first_year, place
)

select * from counted
