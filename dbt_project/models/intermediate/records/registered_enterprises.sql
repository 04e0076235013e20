{{ config(indexes=[{'columns': ['orgnr']}, {'columns': ['address_key'], 'type': 'hash'}]) }}

-- Read by most of what follows: kept as a table, so that the planner knows how many there are.
with enterprises as (
    select * from {{ ref('stg_brreg__enterprises') }}
),

-- One industry in either edition of the standard: the group of the edition in force; most classes kept theirs.
grouped as (
    select
        enterprises.*,
        {{ address_key('enterprises.street_address') }} as address_key,
        coalesce(groups.industry_group, left(enterprises.industry_code, 4)) as industry_group
    from enterprises
    left join {{ ref('industry_groups') }} as groups on left(enterprises.industry_code, 5) = groups.industry_class
)

select * from grouped
