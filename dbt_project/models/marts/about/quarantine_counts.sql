{{ config(materialized='release_view') }}

-- Of the deliveries that the release was made from; the rows themselves are nobody's here.
with counted as (
    select
        pinned.release_id,
        pinned.agency,
        deliveries.period as delivery_period,
        set_aside.extract,
        set_aside.reason as reason_code,
        count(*) as rows
    from {{ source('meta', 'release_deliveries') }} as pinned
    inner join {{ source('meta', 'deliveries') }} as deliveries
        on pinned.delivery_id = deliveries.delivery_id and pinned.manifest_sha256 = deliveries.manifest_sha256
    inner join {{ source('quarantine', 'rows') }} as set_aside
        on pinned.delivery_id = set_aside.delivery_id and pinned.manifest_sha256 = set_aside.manifest_sha256
    group by pinned.release_id, pinned.agency, deliveries.period, set_aside.extract, set_aside.reason
)

select * from counted
