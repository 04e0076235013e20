{{ config(materialized='release_view') }}

with operations as (
    select
        release_id,
        joint_operation_id,
        min(inspection_date) as first_date,
        max(inspection_date) as last_date,
        count(*)::integer as inspection_count,
        count(distinct orgnr)::integer as enterprise_count,
        (count(*) filter (where is_severe))::integer as severe_inspection_count,
        sum(stop_count)::bigint as stop_count,
        sum(fine_count)::bigint as fine_count,
        sum(fine_amount_nok)::bigint as fine_amount_nok,
        sum(police_report_count)::bigint as police_report_count
    from {{ ref('inspections') }}
    where joint_operation_id is not null
    group by release_id, joint_operation_id
)

select * from operations
