-- Of the years that facts count, each in which somebody was employed; the same worker under two tax records is one.
with employments as (
    select
        employments.orgnr,
        links.person_id,
        extract(year from employments.valid_from)::integer as started_year,
        extract(year from employments.valid_to)::integer as ended_year,
        extract(year from {{ as_of() }})::integer - {{ quantity('look_back') }}::integer as first_year,
        extract(year from least(employments.valid_to, {{ as_of() }}))::integer as last_year,
        employments.valid_to <= {{ as_of() }} as has_ended
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where employments.valid_from <= {{ as_of() }}
),

-- Among the columns and not joined: there are as many series as employments.
worked as (
    select
        orgnr,
        person_id,
        started_year,
        case when has_ended then ended_year end as ended_year,
        generate_series(greatest(started_year, first_year), last_year) as year
    from employments
),

workers as (
    select
        orgnr,
        year,
        person_id,
        bool_or(started_year = year) as has_started,
        coalesce(bool_or(ended_year = year), false) as has_ended
    from worked
    group by orgnr, year, person_id
),

counted as (
    select
        {{ release_id() }} as release_id,
        orgnr,
        year,
        count(*)::integer as worker_count,
        (count(*) filter (where has_started))::integer as started_count,
        (count(*) filter (where has_ended))::integer as ended_count
    from workers
    group by orgnr, year
)

select * from counted
