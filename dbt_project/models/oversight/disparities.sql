with counted as (
    select
        characteristic,
        subgroup,
        count(*)::integer as person_count,
        (count(*) filter (where is_assessed))::integer as assessed_count
    from {{ ref('subgroups_of_persons') }}
    group by characteristic, subgroup
    union all
    select
        'sex',
        'not_delivered',
        null,
        null
),

everybody as (
    select
        person_count,
        assessed_count
    from counted
    where characteristic = 'all'
),

linked as (
    select
        case subgroup
            when 'number/national_number' then 'number_kind/fodselsnummer'
            when 'all' then 'all/all'
            else replace(replace(subgroup, 'number/', 'number_kind/'), 'name/', 'name_frequency/')
        end as subgroup,
        max(estimate) filter (where measure = 'recall_held_out') as recall,
        max(estimate) filter (where measure = 'precision_held_out') as precision_,
        max(support) filter (where measure = 'recall_held_out') as support
    from {{ source('linkage', 'quality') }}
    where release_id = {{ release_id() }}
    group by 1
),

compared as (
    select
        {{ release_id() }} as release_id,
        counted.characteristic,
        counted.subgroup,
        counted.person_count,
        counted.assessed_count,
        round(100.0 * counted.assessed_count / nullif(counted.person_count, 0), 2) as assessed_share_pct,
        round(
            counted.assessed_count::numeric / nullif(counted.person_count, 0)
            / nullif(everybody.assessed_count::numeric / nullif(everybody.person_count, 0), 0), 2
        ) as ratio_to_all,
        round(100 * (1 - linked.recall)::numeric, 2) as missed_links_pct,
        round(100 * (1 - linked.precision_)::numeric, 2) as wrong_links_pct,
        linked.support as linkage_support
    from counted
    cross join everybody
    left join linked on counted.characteristic || '/' || counted.subgroup = linked.subgroup
)

select * from compared
