{{ config(indexes=[{'columns': ['source', 'source_record_id']}]) }}

with protections as (
    select * from {{ ref('stg_skatteetaten__protections') }}
),

protected_numbers as (
    select identifier from protections
    where identifier is not null
    union
    select previous_identifier from protections
    where previous_identifier is not null
),

-- Those that are protected, also where they are gone from the state, and whatever bears their numbers.
protected_records as (
    select
        source,
        source_record_id
    from protections
    union
    select
        records.source,
        records.source_record_id
    from {{ ref('person_records') }} as records
    inner join protected_numbers on records.identifier = protected_numbers.identifier
    union
    select
        records.source,
        records.source_record_id
    from {{ ref('person_records') }} as records
    inner join protected_numbers on records.previous_identifier = protected_numbers.identifier
)

select * from protected_records
