with inspections as (
    select * from {{ ref('stg_arbeidstilsynet__inspections') }}
),

reactions as (
    select
        inspection_id,
        count(*) filter (where not is_reversed) as reaction_count,
        count(*) filter (where not is_reversed and reaction_code in ('stans_fare', 'stans_press')) as stop_count,
        count(*) filter (where not is_reversed and reaction_code in ('tvangsmulkt', 'overtredelsesgebyr'))
            as fine_count,
        sum(amount_nok) filter (where not is_reversed) as fine_amount_nok,
        count(*) filter (where not is_reversed and reaction_code = 'politianmeldelse') as police_report_count,
        count(*) filter (where is_reversed) as reversed_count
    from {{ ref('reactions_decided') }}
    group by inspection_id
),

median as (
    select percentile_cont(0.5) within group (order by breach_count::numeric / checkpoint_count) as breach_share
    from inspections
    where checkpoint_count > 0 and inspection_date <= {{ as_of() }}
),

assessed as (
    select
        inspections.inspection_id,
        orgnr,
        inspection_date,
        municipality_code,
        inspection_type_code,
        joint_operation_id,
        checkpoint_count,
        breach_count,
        coalesce(reaction_count, 0) as reaction_count,
        coalesce(stop_count, 0) as stop_count,
        coalesce(fine_count, 0) as fine_count,
        coalesce(fine_amount_nok, 0) as fine_amount_nok,
        coalesce(police_report_count, 0) as police_report_count,
        coalesce(reversed_count, 0) as reversed_count,
        coalesce(stop_count + fine_count + police_report_count, 0) > 0
        or (
            breach_count > 0
            and checkpoint_count > 0
            and breach_count::numeric / checkpoint_count >= median.breach_share
        ) as is_severe
    from inspections
    cross join median
    left join reactions on inspections.inspection_id = reactions.inspection_id
)

select * from assessed
