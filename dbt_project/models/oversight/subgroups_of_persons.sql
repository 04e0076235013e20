-- A view: who belongs to which subgroup is worked out when it is counted, and kept nowhere.
{{ config(materialized='rebuilt_view') }}

with assessed as (
    select person_id from {{ ref('assessed_persons') }}
),

described as (
    select
        described.person_id,
        described.birth_date,
        lower(described.family_name) as family_name,
        assessed.person_id is not null as is_assessed
    from {{ ref('persons_described') }} as described
    left join assessed on described.person_id = assessed.person_id
),

numbers as (
    select
        links.person_id,
        bool_or(substr(records.identifier, 1, 1) < '4') as has_fodselsnummer
    from {{ ref('person_links') }} as links
    inner join described on links.person_id = described.person_id
    inner join {{ ref('person_records') }} as records
        on links.source = records.source and links.source_record_id = records.source_record_id
    where records.has_person_number
    group by links.person_id
),

frequencies as (
    select
        person_id,
        -- By the share with rarer names: the place of the last of many names that are equally rare is not that of all.
        percent_rank() over (order by persons_with_it) as place
    from (
        select
            person_id,
            count(*) over (partition by family_name) as persons_with_it
        from described
        where family_name is not null
    ) as named
),

subgroups as (
    select
        described.person_id,
        described.is_assessed,
        characteristics.characteristic,
        characteristics.subgroup
    from described
    left join numbers on described.person_id = numbers.person_id
    left join frequencies on described.person_id = frequencies.person_id
    cross join
        lateral (
            select extract(year from age({{ as_of() }}, described.birth_date)) as years
        ) as ages
    cross join lateral (
        values
        ('all', 'all'),
        (
            'number_kind',
            case numbers.has_fodselsnummer when true then 'fodselsnummer' when false then 'd_number' else 'none' end
        ),
        (
            'age_band',
            case
                when ages.years is null then 'unknown'
                when ages.years < 25 then 'under_25'
                when ages.years < 35 then '25_34'
                when ages.years < 45 then '35_44'
                when ages.years < 55 then '45_54'
                when ages.years < 65 then '55_64'
                else '65_and_over'
            end
        ),
        (
            'name_frequency',
            case
                when frequencies.place is null then 'unknown'
                when frequencies.place < 1.0 / 3 then 'rare'
                when frequencies.place < 2.0 / 3 then 'middling'
                else 'common'
            end
        )
    ) as characteristics (characteristic, subgroup)
)

select * from subgroups
