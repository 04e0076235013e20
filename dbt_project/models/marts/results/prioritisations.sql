with decisions as (
    select
        {{ release_id() }} as release_id,
        decision_id,
        centre_id,
        decided_release_id,
        person_id,
        decided_person_id,
        moved,
        status,
        priority_code,
        reason_code,
        responsible_agency,
        measures as actions,
        capacity_change,
        intention_change,
        decided_date,
        decided_date > {{ as_of() }} as is_after_cut_off,
        next_review_date
    from {{ ref('decisions_of_persons') }}
)

select * from decisions
