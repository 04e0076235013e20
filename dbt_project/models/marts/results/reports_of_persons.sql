with reports as (
    select
        {{ release_id() }} as release_id,
        person_id,
        agency as reporting_agency,
        source_row_id as reference,
        reported_date
    from {{ ref('events_of_persons') }}
    where reported_date is not null
)

select * from reports
