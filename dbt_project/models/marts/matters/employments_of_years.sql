-- Of the years that facts count, each in which somebody was employed; the same worker under two tax records is one.
with employments as (
    select
        employments.orgnr,
        links.person_id,
        employments.valid_from,
        employments.valid_to,
        greatest(
            extract(year from employments.valid_from), extract(year from {{ as_of() }}) - {{ quantity('look_back') }}
        )::integer as first_year,
        extract(year from least(employments.valid_to, {{ as_of() }}))::integer as last_year
    from {{ ref('employments') }} as employments
    inner join {{ ref('person_links') }} as links
        on links.source = 'skatteetaten' and employments.source_record_id = links.source_record_id
    where employments.valid_from <= {{ as_of() }}
),

workers as (
    select
        employments.orgnr,
        years.year,
        employments.person_id,
        bool_or(extract(year from employments.valid_from) = years.year) as has_started,
        coalesce(
            bool_or(extract(year from employments.valid_to) = years.year and employments.valid_to <= {{ as_of() }}),
            false
        ) as has_ended
    from employments
    cross join lateral generate_series(employments.first_year, employments.last_year) as years (year)
    group by employments.orgnr, years.year, employments.person_id
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
