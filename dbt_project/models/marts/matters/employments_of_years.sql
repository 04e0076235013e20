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

employed as (
    select
        employments.*,
        years.year
    from employments
    cross join lateral generate_series(first_year, last_year) as years (year)
),

counted as (
    select
        {{ release_id() }} as release_id,
        orgnr,
        year,
        count(distinct person_id)::integer as worker_count,
        (count(distinct person_id) filter (where extract(year from valid_from) = year))::integer as started_count,
        (
            count(distinct person_id) filter (where extract(year from valid_to) = year and valid_to <= {{ as_of() }})
        )::integer as ended_count
    from employed
    group by orgnr, year
)

select * from counted
