{# Asked of the state and not of the files: a delta with no rows leaves an extract as full as it was. #}
with standing (agency, extract, is_empty) as (
    select
        null::text,
        null::text,
        null::boolean
    {% for agency, extract in staged_extracts() %}
        union all
        select
            '{{ agency }}',
            '{{ extract }}',
            not exists (select 1 from {{ state(agency, extract) }})
    {% endfor %}
)

select * from standing
where agency is not null
