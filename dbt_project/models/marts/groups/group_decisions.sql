-- A network is found again by the enterprises that the team was told of: a decision follows the network that has
-- most of them now, whatever its id.
with decisions as (
    select * from {{ ref('stg_sentrene__group_decisions') }}
),

shared as (
    select
        decisions.decision_id,
        members.network_id,
        count(*)::integer as enterprises_shared
    from decisions
    inner join {{ ref('network_members') }} as members on members.member_id = any(decisions.enterprises)
    where members.release_id = {{ release_id() }}
        and members.member_kind = 'enterprise'
        and decisions.group_kind = 'network'
    group by decisions.decision_id, members.network_id
),

followed as (
    select distinct on (shared.decision_id)
        shared.decision_id,
        shared.network_id,
        shared.enterprises_shared
    from shared
    inner join decisions on shared.decision_id = decisions.decision_id
    order by
        shared.decision_id, shared.enterprises_shared desc,
        shared.network_id <> decisions.decided_group_id, shared.network_id
),

placed as (
    select
        decisions.*,
        case
            when decisions.group_kind = 'network' then followed.network_id else decisions.decided_group_id
        end as group_id,
        case
            when decisions.group_kind = 'network' then coalesce(followed.enterprises_shared, 0) else 1
        end as enterprises_shared
    from decisions
    left join followed on decisions.decision_id = followed.decision_id
),

-- A later decision of the centre ends an earlier one where it was about most of the same.
ended as (
    select distinct earlier.decision_id
    from placed as earlier
    inner join placed as later
        on earlier.centre_id = later.centre_id
            and earlier.group_kind = later.group_kind
            and earlier.group_id = later.group_id
            and (later.decided_date, later.decision_id) > (earlier.decided_date, earlier.decision_id)
    where earlier.decided_group_id = later.decided_group_id
        or 2 * (
            select count(*) from unnest(earlier.enterprises) as told (orgnr)
            where told.orgnr = any(later.enterprises)
        ) > cardinality(earlier.enterprises)
),

-- As for persons: of several that stand, as after two networks have become one, the most serious, then the newest.
standing as (
    select distinct on (placed.centre_id, placed.group_kind, placed.group_id) placed.decision_id
    from placed
    inner join {{ ref('status_codes') }} as codes on placed.status = codes.status
    where placed.group_id is not null
        and placed.decision_id not in (select ended.decision_id from ended)
    order by
        placed.centre_id, placed.group_kind, placed.group_id,
        codes.seriousness, placed.decided_date desc, placed.decision_id desc
),

decided as (
    select
        {{ release_id() }} as release_id,
        placed.decision_id,
        placed.centre_id,
        placed.group_kind,
        placed.group_id,
        placed.decided_release_id,
        placed.decided_group_id,
        placed.enterprises_shared,
        cardinality(placed.enterprises) as enterprises_told,
        placed.status,
        placed.priority_code,
        placed.reason_code,
        placed.responsible_agency,
        placed.measures as actions,
        placed.capacity_change,
        placed.intention_change,
        placed.decided_date,
        placed.decided_date > {{ as_of() }} as is_after_cut_off,
        placed.next_review_date,
        standing.decision_id is not null as is_standing
    from placed
    left join standing on placed.decision_id = standing.decision_id
)

select * from decided
