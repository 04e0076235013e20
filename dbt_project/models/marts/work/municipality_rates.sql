-- The newest figures that were known of a year that had begun on the cut-off date.
with figures as (
    select distinct on (municipality_code)
        municipality_code,
        year,
        population,
        employed_persons
    from {{ ref('municipality_figures') }}
    where year <= extract(year from {{ as_of() }})
    order by municipality_code, year desc
),

residents as (
    select
        persons.municipality_code,
        count(*)::integer as persons_listed
    from {{ ref('persons') }} as persons
    inner join {{ ref('assessed_persons') }} as actors on persons.person_id = actors.person_id
    where persons.release_id = {{ release_id() }} and persons.municipality_code is not null
    group by persons.municipality_code
),

workers as (
    select
        enterprises.municipality_code,
        sum(exposed.worker_count)::integer as worker_count
    from {{ ref('exposed_workers') }} as exposed
    inner join {{ ref('enterprises') }} as enterprises
        on exposed.release_id = enterprises.release_id and exposed.orgnr = enterprises.orgnr
    where exposed.release_id = {{ release_id() }} and enterprises.municipality_code is not null
    group by enterprises.municipality_code
),

rates as (
    select
        {{ release_id() }} as release_id,
        municipalities.municipality_code,
        municipalities.municipality_name,
        coalesce(residents.persons_listed, 0) as persons_listed,
        coalesce(workers.worker_count, 0) as worker_count,
        figures.year,
        figures.population,
        figures.employed_persons,
        round(10000.0 * coalesce(residents.persons_listed, 0) / nullif(figures.population, 0), 2)
            as persons_listed_per_10000,
        round(1000.0 * coalesce(workers.worker_count, 0) / nullif(figures.employed_persons, 0), 1) as workers_per_1000
    from {{ ref('municipalities') }} as municipalities
    left join residents on municipalities.municipality_code = residents.municipality_code
    left join workers on municipalities.municipality_code = workers.municipality_code
    left join figures on municipalities.municipality_code = figures.municipality_code
    where residents.municipality_code is not null or workers.municipality_code is not null
)

select * from rates
