-- Which pairs of records wait for a clerk: for a first verdict, and why, or for a second reading.

create or replace view linkage.read_twice as
    select distinct on (f.decision_id) s.source_l, s.source_record_id_l, s.source_r, s.source_record_id_r,
        f.decision_id, f.verdict as first_verdict, s.verdict as second_verdict,
        f.author as first_author, f.reason as first_reason, s.author as second_author, s.reason as second_reason
    from linkage.link_decisions s
    cross join lateral (
        select f.decision_id, f.verdict, f.author, f.reason from linkage.link_decisions f
        where (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r)
            = (s.source_l, s.source_record_id_l, s.source_r, s.source_record_id_r)
            and f.reading = 'first' and f.decision_id < s.decision_id
        order by f.decision_id desc limit 1
    ) f
    where s.reading = 'second'
    order by f.decision_id, s.decision_id desc;
comment on view linkage.read_twice is
    'One row per verdict that a second clerk has read blind, also where it was settled since: what both said.';

create or replace view linkage.second_readings as
    select t.source_l, t.source_record_id_l, t.source_r, t.source_record_id_r, t.decision_id, t.first_verdict, t.second_verdict
    from linkage.read_twice t
    where not exists (
        select from linkage.link_decisions n
        where (n.source_l, n.source_record_id_l, n.source_r, n.source_record_id_r)
            = (t.source_l, t.source_record_id_l, t.source_r, t.source_record_id_r)
            and n.reading = 'first' and n.decision_id > t.decision_id
    );
comment on view linkage.second_readings is
    'One row per verdict that stands and that a second clerk has read blind: what both said.';

create or replace view linkage.to_read_again as
    with drawn as (
        select v.*, row_number() over (order by md5(decision_id::text), decision_id) as place, count(*) over () as verdicts
        from linkage.standing_verdicts v
    )
    select source_l, source_record_id_l, source_r, source_record_id_r, decision_id, author, place
    from drawn d
    where place <= ceil(verdicts / 10.0) and not exists (select from linkage.second_readings s where s.decision_id = d.decision_id);
comment on view linkage.to_read_again is
    'One row per verdict that waits for a second clerk who does not know it: of one in ten of those that stand, drawn by chance.';

create or replace view linkage.review_queue as
    -- In bits of match weight: how far the evidence moves before a verdict is read again, as the 3 below is how near the threshold is doubtful.
    with limits (moved) as (values (5)),
    -- By the index findings_doubtful, whose condition this is.
    doubtful as (
        select f.*,
            case when f.outcome like 'parked%' then 'parked'
                when f.outcome = 'different_numbers' then 'different_numbers'
                when f.outcome = 'guarded' then 'guarded'
                when f.outcome = 'accepted' then 'joined_narrowly'
                when f.outcome = 'below_threshold' then 'missed_narrowly' end as cause
        from linkage.findings f
        where valid_to_release is null and verdict is null and (
                outcome like 'parked%'
                or outcome in ('different_numbers', 'guarded') and match_weight >= threshold
                or outcome in ('accepted', 'below_threshold') and abs(match_weight - threshold) <= 3
            )
            and not exists (
                select from linkage.link_decisions d
                where (d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r)
                    = (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r) and d.reading = 'first'
                    and d.decision_id not in (select decision_id from linkage.lapsed_verdicts)
            )
    ),
    -- One pair at a time, by the indexes: how many pairs two tables share cannot be estimated from their four columns.
    verdicts as (
        select f.*, v.verdict as newest_verdict, v.match_weight as weight_at_verdict, v.verdict <> s.verdict as do_readers_disagree
        from linkage.standing_verdicts v
        cross join lateral (
            select f.* from linkage.findings f
            where (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r)
                = (v.source_l, v.source_record_id_l, v.source_r, v.source_record_id_r) and f.valid_to_release is null offset 0
        ) f
        left join lateral (
            select d.verdict from linkage.link_decisions d
            where (d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r)
                = (v.source_l, v.source_record_id_l, v.source_r, v.source_record_id_r)
                and d.reading = 'second' and d.decision_id > v.decision_id
            order by d.decision_id desc limit 1
        ) s on true
        union all
        select f.*, f.verdict, f.verdict_weight, null
        from linkage.findings f
        where valid_to_release is null and verdict is not null and not exists (
            select from linkage.link_decisions d
            where (d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r)
                = (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r) and d.reading = 'first'
        )
    ),
    judged as (
        select f.*,
            case when f.outcome = 'contradicts_decision' then 'contradicts_decision'
                when f.newest_verdict = 'same' and coalesce(f.match_weight, f.weight_at_verdict - moved) <= f.weight_at_verdict - moved
                    or f.newest_verdict = 'different' and f.match_weight >= coalesce(f.weight_at_verdict + moved, f.threshold)
                    or f.newest_verdict = 'unsure' and abs(f.match_weight - f.weight_at_verdict) >= moved
                    then 'evidence_changed'
                when f.do_readers_disagree then 'readers_disagree' end as cause
        from verdicts f cross join limits
    ),
    queued as (
        select source_l, source_record_id_l, source_r, source_record_id_r, outcome, guard, match_weight, threshold, cause
        from doubtful
        union all
        select source_l, source_record_id_l, source_r, source_record_id_r, outcome, guard, match_weight, threshold, cause
        from judged where cause is not null
        union all
        select source_l, source_record_id_l, source_r, source_record_id_r, null, null, null, null, 'readers_disagree' as cause
        from linkage.second_readings s
        where first_verdict <> second_verdict and not exists (
            select from linkage.findings f
            where (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r)
                = (s.source_l, s.source_record_id_l, s.source_r, s.source_record_id_r) and f.valid_to_release is null
        )
    )
    -- Conflicts have 0 and 1; the doubtful follow from 2, and the alike from 10 down to 2, by a quarter of their weight.
    select source_l, source_record_id_l, source_r, source_record_id_r, outcome, guard, match_weight, cause,
        case when cause in ('contradicts_decision', 'evidence_changed') then 0
            when cause in ('parked', 'readers_disagree') then 1
            when cause in ('different_numbers', 'guarded') then greatest(2, 10 - match_weight / 4)
            else 2 + abs(match_weight - threshold) end as priority
    from queued;
comment on view linkage.review_queue is
    'One row per pair that a clerk should look at, with the code of its cause: conflicts first, then the doubtful.';
