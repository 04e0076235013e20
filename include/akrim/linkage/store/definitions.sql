comment on table linkage.person_ids is
    'Every person id that linking has ever given out, also in a release that never went out.';

comment on table linkage.drift is
    'One row per release, measure and bin or blocking rule: what the model saw in its training (expected) and what this '
    'release shows (actual); drift is the stability index of a whole distribution, or log2 of actual over expected; '
    'a measure ending in _since_base is held against the release before instead, of the same period or an earlier one.';

create or replace view linkage.person_records as
    select source, extract, source_record_id, person_id, link_kind, match_weight
    from linkage.memberships where valid_to_release is null;
comment on view linkage.person_records is
    'One row per person record: the person it belongs to after the newest run, and by what kind of link.';

create or replace view linkage.person_record_history as
    select m.source, m.extract, m.source_record_id, m.person_id, m.link_kind, m.match_weight,
        opened.run_number as from_run, closed.run_number as to_run
    from linkage.memberships m
    join linkage.runs opened on opened.release_id = m.valid_from_release
    left join linkage.runs closed on closed.release_id = m.valid_to_release;
comment on view linkage.person_record_history is
    'One row per person record and person it has belonged to: from which run, and to which, exclusive; null while it stands.';

create or replace function linkage.person_records_at(release_id text)
    returns table (
        source text, "extract" text, source_record_id text, person_id text, link_kind text, match_weight double precision
    )
    language sql stable parallel safe as $$
    select h.source, h.extract, h.source_record_id, h.person_id, h.link_kind, h.match_weight
    from linkage.person_record_history h join linkage.runs r on r.release_id = $1
    where h.from_run <= r.run_number and (h.to_run is null or h.to_run > r.run_number)
$$;
comment on function linkage.person_records_at is 'linkage.person_records as it was after the run of that release.';

create or replace function linkage.records_changed_between(before text, after text)
    returns table (source text, source_record_id text)
    language sql stable parallel safe as $$
    select h.source, h.source_record_id
    from linkage.person_record_history h
    join linkage.runs earlier on earlier.release_id = $1
    join linkage.runs later on later.release_id = $2
    where (h.from_run > earlier.run_number and h.from_run <= later.run_number)
        or (h.to_run > earlier.run_number and h.to_run <= later.run_number)
$$;
comment on function linkage.records_changed_between is
    'The records that a run after that of one release, up to that of another, gave another person or found otherwise; some more than once.';

create or replace function linkage.id_changes_between(before text, after text)
    returns table (old_person_id text, person_id text, change text)
    language sql stable parallel safe as $$
    select h.old_person_id, h.person_id, h.change
    from linkage.person_id_history h join linkage.runs r on r.release_id = h.release_id
    where r.run_number > coalesce((select run_number from linkage.runs where release_id = $1), 0)
        and r.run_number <= coalesce((select run_number from linkage.runs where release_id = $2), 0)
    order by r.run_number, h.old_person_id, h.person_id
$$;
comment on function linkage.id_changes_between is
    'The rows of linkage.person_id_history after the run of one release, up to that of another, the oldest first.';

create or replace function linkage.resolve(person_id text) returns text
    language sql stable parallel safe as $$
    with recursive followed as (
        select $1 as person_id, 0 as step
        union all
        select h.person_id, f.step + 1
        from followed f join linkage.person_id_history h
            on h.old_person_id = f.person_id and h.change = 'merged'
    )
    select person_id from followed order by step desc limit 1
$$;
comment on function linkage.resolve is 'The living person id that an id, however old, was merged into.';

create or replace function linkage.holder(person_id text) returns text
    language sql stable parallel safe as $$
    with had as (
        select m.source, m.source_record_id
        from linkage.person_id_history as h
        join linkage.memberships as m on m.person_id = h.old_person_id and m.valid_to_release = h.release_id
        where h.old_person_id = $1 and h.change = 'merged'
    ), standing as (
        select m.source, m.source_record_id, m.person_id from had join linkage.memberships as m using (source, source_record_id)
        where m.valid_to_release is null
    ), removed as materialized (
        select source, source_record_id from had except select source, source_record_id from standing
    ), removed_from as (
        select distinct on (m.source, m.source_record_id) m.person_id
        from removed join linkage.memberships as m using (source, source_record_id)
        left join linkage.runs as r on r.release_id = m.valid_to_release
        where m.valid_to_release is not null
        order by m.source, m.source_record_id, r.run_number desc nulls last
    ), have as (
        select linkage.resolve(person_id) as person_id from standing union all select linkage.resolve(person_id) from removed_from
    )
    select coalesce(
        (
            select h.person_id from have as h
            group by h.person_id order by count(*) desc, h.person_id <> linkage.resolve($1), h.person_id limit 1
        ),
        linkage.resolve($1)
    )
$$;
comment on function linkage.holder is
    'The living person who has most of the records that an id had when it was merged into another: whom it stands for, also where they have been parted again.';

-- As its owner, since analysts read nothing of linkage: ids alone. What was linked since the newest release knows nothing of: one that is
-- held, or an earlier period's that was assessed anew.
create or replace function marts.person(id text) returns table (person_id text)
    language sql stable security definer set search_path = '' rows 2 as $$
    with recursive later as (
        select r.release_id from linkage.runs as r
        where r.run_number > (
            select newest.run_number from meta.releases as m join linkage.runs as newest using (release_id)
            where m.status = 'published' order by m.as_of desc, m.revision desc limit 1
        )
    ), reached (person_id) as (
        select $1
        union
        select h.person_id from reached as r join linkage.person_id_history as h on h.old_person_id = r.person_id
        where h.release_id not in (select l.release_id from later as l)
    )
    select r.person_id from reached as r
    where exists (
        select from linkage.memberships as m
        where m.person_id = r.person_id and m.valid_from_release not in (select l.release_id from later as l)
            and (m.valid_to_release is null or m.valid_to_release in (select l.release_id from later as l))
    )
$$;
comment on function marts.person is
    'The person ids that an id, however old, stands for in the newest release: one, several where the person was split, or none. Such as: '
    'select * from marts_current.persons where person_id in (select marts.person(''P…'')).';

-- What was merged into an erased person's id and parted from it again is not hers.
create or replace view linkage.erased_ids as
    with recursive ids (person_id, living) as (
        select linkage.holder(e.person_id), linkage.holder(e.person_id) from meta.erasures as e
        union
        select h.old_person_id, ids.living from ids join linkage.person_id_history as h on h.person_id = ids.person_id
    )
    select person_id from ids where linkage.holder(person_id) = living union select person_id from meta.erasures;
comment on view linkage.erased_ids is 'One row per id of somebody who was erased, those that were merged into hers too; none is given to anybody else.';

create or replace function linkage.resolve_without(person_id text, release_id text) returns text
    language sql stable parallel safe as $$
    with recursive followed as (
        select $1 as person_id, 0 as step
        union all
        select h.person_id, f.step + 1
        from followed f join linkage.person_id_history h
            on h.old_person_id = f.person_id and h.change = 'merged' and h.release_id <> $2
    )
    select person_id from followed order by step desc limit 1
$$;
comment on function linkage.resolve_without is 'As linkage.resolve, but as if that release had not been linked.';

create or replace function linkage.verdict_sha256(verdict linkage.link_decisions) returns text
    language sql stable parallel safe as $$
    select coalesce(
        verdict.removed_sha256,
        encode(sha256(convert_to((to_jsonb(verdict) - 'decided_at' - 'removed_sha256')::text, 'UTF8')), 'hex')
    )
$$;
comment on function linkage.verdict_sha256 is
    'The digest of a verdict, without its time; of a removed one the digest that it had.';

create or replace view linkage.lapsed_verdicts as
    select d.decision_id, min(r.last_decision_id) as last_decision_id
    from linkage.given_away as g join linkage.runs as r using (release_id)
    join linkage.link_decisions as d on d.decision_id <= r.last_decision_id
        and (g.source, g.source_record_id) in ((d.source_l, d.source_record_id_l), (d.source_r, d.source_record_id_r))
    group by d.decision_id;
comment on view linkage.lapsed_verdicts is
    'One row per verdict on a record whose key has been given to somebody else since, and the last verdict that the first run to find this went by.';

create or replace view linkage.standing_verdicts as
    select distinct on (source_l, source_record_id_l, source_r, source_record_id_r) *
    from linkage.link_decisions where reading = 'first' and decision_id not in (select decision_id from linkage.lapsed_verdicts)
    order by source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc;
comment on view linkage.standing_verdicts is
    'One row per two person records with a verdict: the newest first reading, but of a record that was somebody else''s then.';

create or replace function linkage.verdicts_until(last_decision_id bigint)
    returns table (
        source_l text, source_record_id_l text, source_r text, source_record_id_r text, verdict text, decision_id bigint,
        match_weight double precision
    )
    language sql stable parallel safe as $$
    select distinct on (source_l, source_record_id_l, source_r, source_record_id_r)
        source_l, source_record_id_l, source_r, source_record_id_r, verdict, decision_id, match_weight
    from linkage.link_decisions where reading = 'first' and decision_id <= $1
        and decision_id not in (select l.decision_id from linkage.lapsed_verdicts as l where l.last_decision_id <= $1)
    order by source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc
$$;
comment on function linkage.verdicts_until is 'linkage.standing_verdicts as they were after that verdict, without reasons and authors.';

create or replace view linkage.known_verdicts as
    select v.*
    from (select last_decision_id from linkage.runs order by run_number desc limit 1) as newest
    cross join linkage.verdicts_until(newest.last_decision_id) as v;
comment on view linkage.known_verdicts is
    'One row per two person records with a verdict that the newest run went by: their newest first reading at that time.';

create or replace function linkage.last_verdict_of(release_id text) returns bigint
    language sql stable parallel safe as $$
    select coalesce((select r.last_decision_id from linkage.runs as r where r.release_id = $1), 0)
$$;
comment on function linkage.last_verdict_of is 'The last decision_id that the run of a release went by; 0 where there was none, or no run is known.';

create or replace view linkage.accepted_pairs as
    select source_l, source_record_id_l, source_r, source_record_id_r, match_weight
    from linkage.findings where outcome = 'accepted' and valid_to_release is null;
comment on view linkage.accepted_pairs is
    'One row per pair of person records that the newest run joined by what it weighed, and the weight.';

create or replace view linkage.explanations as
    with evidence as (
        select m.person_id, 'identifier' as kind, 0 as part, first.source as source_l,
            first.source_record_id as source_record_id_l, m.source as source_r, m.source_record_id as source_record_id_r,
            m.person_id as other_person_id, null as outcome, null as guard, null::double precision as match_weight,
            null::jsonb as weighings
        from linkage.memberships m join linkage.memberships first
            on first.person_id = m.person_id and first.source || '/' || first.source_record_id = m.same_number_as
        where m.valid_to_release is null and first.valid_to_release is null
        union all
        select person_id, 'borrowed_number', 0, source, source_record_id, source, source_record_id, person_id, null, null,
            null, null
        from linkage.memberships where valid_to_release is null and has_borrowed_number
        union all
        select l.person_id, 'weighed', 1, f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r,
            r.person_id, f.outcome, f.guard, f.match_weight, f.steps
        from linkage.findings f
        join linkage.person_records l on (l.source, l.source_record_id) = (f.source_l, f.source_record_id_l)
        join linkage.person_records r on (r.source, r.source_record_id) = (f.source_r, f.source_record_id_r)
        where f.valid_to_release is null
        union all
        select r.person_id, 'weighed', 2, f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r,
            l.person_id, f.outcome, f.guard, f.match_weight, f.steps
        from linkage.findings f
        join linkage.person_records l on (l.source, l.source_record_id) = (f.source_l, f.source_record_id_l)
        join linkage.person_records r on (r.source, r.source_record_id) = (f.source_r, f.source_record_id_r)
        where f.valid_to_release is null and l.person_id <> r.person_id
    ),
    named as (
        select person_id,
            case when kind = 'identifier' then 'same_number' when kind = 'borrowed_number' then kind
                when other_person_id = person_id then 'joined'
                else 'near_miss' end as kind,
            part, source_l, source_record_id_l, source_r, source_record_id_r, other_person_id, outcome, guard,
            match_weight, weighings
        from evidence where kind <> 'identifier' or (source_l, source_record_id_l) <> (source_r, source_record_id_r)
    )
    select person_id,
        row_number() over (
            partition by person_id
            order by kind = 'near_miss', part > 0, match_weight desc nulls last, source_l, source_record_id_l, source_r,
                source_record_id_r
        ) as step,
        kind, source_l, source_record_id_l, source_r, source_record_id_r, other_person_id, outcome, guard, match_weight,
        weighings
    from named;
comment on view linkage.explanations is
    'One row per person and pair of records that tells of it, strongest first: same_number (one valid person number), '
    'borrowed_number (one record alone, whose number was taken as somebody else''s and was no evidence), '
    'joined (weighed and together) or near_miss (weighed and apart, with whom and why not); no person number is shown.';
