with rules (indicator_code, indicator_version, dimension, area, agencies, extracts, event) as (
    values {{ rule_rows() }}
),

-- Of whom no rule has found anything there are no observations. What could be checked for nobody could not be for her.
beyond_reach as (
    select count(*)::integer as unavailable_count
    from rules
    left join {{ ref('rules_out_of_reach') }} as missed on rules.indicator_code = missed.indicator_code
    left join {{ ref('withheld_rules') }} as withheld
        on withheld.release_id = {{ release_id() }}
            and withheld.withheld_from = 'assessment'
            and rules.indicator_code = withheld.indicator_code
    where rules.dimension = 'intention' and coalesce(missed.indicator_code, withheld.indicator_code) is not null
),

disputes as (
    select
        person_id,
        jsonb_agg(
            jsonb_build_object(
                'case_id', case_id, 'agency', agency, 'extract', extract, 'source_row_id', source_row_id,
                'since', to_char(disputed_since, 'YYYY-MM-DD'), 'is_open', is_open
            )
            order by disputed_since, case_id, agency, extract, source_row_id
        ) as disputes
    from {{ ref('disputed_facts') }}
    group by person_id
),

persons as (
    select
        centres.centre_id,
        centres.person_id,
        coalesce(points.intention_points, 0) as intention_points,
        coalesce(points.capacity_points, 0) as capacity_points,
        coalesce(points.total_points, 0) as total_points,
        coalesce(points.strict_intention_points, 0) as strict_intention_points,
        coalesce(points.strict_capacity_points, 0) as strict_capacity_points,
        coalesce(points.fired_count, 0) as fired_count,
        coalesce(points.unavailable_count, beyond_reach.unavailable_count) as unavailable_count,
        points.proposed_status,
        proposals.seriousness as proposed_seriousness,
        statuses.status,
        statuses.status_since,
        offered.offered_by,
        centres.basis <> 'decision' as is_in_area,
        -- Points by rule do not undo a dismissal: whom a team has dismissed comes after everybody else, unless
        -- something has happened since.
        dismissals.person_id is not null and dismissals.new_fact_date is null as is_last,
        dismissals.new_fact_date,
        coalesce(points.strict_intention_points + points.strict_capacity_points, 0) as strict_total_points,
        coalesce(points.strict_proposed_status, '') = coalesce(points.proposed_status, '') as is_proposal_strict,
        described.weakest_match_weight,
        coalesce(disputes.disputes, '[]'::jsonb) as disputes
    from {{ ref('centres_of_persons') }} as centres
    inner join {{ ref('persons_described') }} as described on centres.person_id = described.person_id
    cross join beyond_reach
    left join {{ ref('points_of_persons') }} as points
        on centres.person_id = points.person_id and centres.centre_id = points.centre_id
    left join disputes on centres.person_id = disputes.person_id
    left join {{ ref('dismissals') }} as dismissals
        on centres.person_id = dismissals.person_id and centres.centre_id = dismissals.centre_id
    left join {{ ref('statuses_of_persons') }} as statuses
        on centres.person_id = statuses.person_id and centres.centre_id = statuses.centre_id
    left join {{ ref('status_codes') }} as proposals on points.proposed_status = proposals.status
    left join {{ ref('offered_persons') }} as offered
        on centres.person_id = offered.person_id and centres.centre_id = offered.centre_id
    -- Whom a management team has given a status stays on its list, whatever the points are now, and so does
    -- whoever it is asked about.
    where points.proposed_status is not null
        or statuses.status <> 'avskrevet'
        or offered.person_id is not null
        or exists (
            select 1 from {{ ref('questions_of_status') }} as asked
            where asked.centre_id = centres.centre_id and asked.person_id = centres.person_id
        )
),

ranked as (
    select
        persons.*,
        (row_number() over (
            partition by centre_id
            order by
                is_last, proposed_seriousness nulls last, total_points desc, intention_points desc, person_id
        ))::integer as rank
    from persons
)

-- Whoever would stand below the next one with the same proposal by strict links alone owes the place to a weaker one.
select
    {{ release_id() }} as release_id,
    centre_id,
    person_id,
    rank,
    intention_points,
    capacity_points,
    total_points,
    fired_count,
    unavailable_count,
    proposed_status,
    status,
    status_since,
    offered_by,
    is_in_area,
    new_fact_date,
    weakest_match_weight,
    strict_intention_points,
    strict_capacity_points,
    not is_proposal_strict
    or coalesce(strict_total_points < lead(total_points) over with_same_proposal, false) as rests_on_weak_link,
    disputes
from ranked
window with_same_proposal as (partition by centre_id, is_last, proposed_seriousness order by rank)
