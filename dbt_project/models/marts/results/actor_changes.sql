select
    {{ release_id() }} as release_id,
    decisions.centre_id,
    decisions.person_id,
    decisions.decided_period,
    decisions.decision_id,
    decisions.decided_release_id,
    decisions.decided_date,
    decisions.status,
    decisions.capacity_change,
    decisions.intention_change,
    decisions.intention_points_then,
    decisions.intention_points_now,
    decisions.capacity_points_then,
    decisions.capacity_points_now,
    decisions.active_leading_roles_then,
    decisions.active_leading_roles_now,
    (
        select count(distinct led.orgnr) from {{ ref('bankruptcies_led') }} as led
        where led.person_id = decisions.person_id and led.bankruptcy_date > decisions.decided_date
    )::integer as bankruptcies_since,
    decisions.person_id in (
        select unnest(array[history.old_person_id, history.person_id])
        from {{ source('linkage', 'person_id_history') }} as history
        inner join {{ source('meta', 'releases') }} as releases on history.release_id = releases.release_id
        inner join {{ source('meta', 'releases') }} as this
            on this.release_id = {{ release_id() }} and releases.sequence <= this.sequence
        where releases.sequence > decisions.decided_sequence
    ) as is_relinked,
    decisions.person_id in (
        select disputed.person_id from {{ ref('disputed_facts') }} as disputed
        where disputed.disputed_since > decisions.decided_date
    ) as is_corrected
from {{ ref('decisions_then_and_now') }} as decisions
