create table if not exists linkage.runs (
    run_number bigint generated always as identity primary key,
    release_id text not null unique,
    base_release_id text,
    model text not null,
    counts jsonb not null
);
alter table linkage.runs add column if not exists last_decision_id bigint not null default 0;
alter table linkage.runs add column if not exists token uuid not null default gen_random_uuid();
comment on column linkage.runs.token is 'Names this run alone, so that what it kept beside the database is taken for no other''s.';
comment on table linkage.runs is 'One row per release whose persons were linked, in order; counts only.';

create table if not exists linkage.memberships (
    source text not null,
    extract text not null,
    source_record_id text not null,
    content_digest text not null,
    person_id text not null,
    link_kind text not null check (link_kind in ('identifier', 'probabilistic', 'reviewed', 'single')),
    match_weight double precision,
    valid_from_release text not null,
    valid_to_release text
);
create unique index if not exists memberships_standing
    on linkage.memberships (source, source_record_id) where valid_to_release is null;
create index if not exists memberships_by_person on linkage.memberships (person_id) where valid_to_release is null;
create index if not exists memberships_ever_of_person on linkage.memberships (person_id);
create index if not exists memberships_opened on linkage.memberships (valid_from_release);
create index if not exists memberships_closed
    on linkage.memberships (valid_to_release) where valid_to_release is not null;
alter table linkage.memberships add column if not exists same_number_as text;
comment on column linkage.memberships.same_number_as is
    'For a record joined by its valid person number: the first record of all that bear it; never the number itself.';
alter table linkage.memberships add column if not exists has_borrowed_number boolean not null default false;
comment on column linkage.memberships.has_borrowed_number is
    'Whether its valid person number was taken as somebody else''s: name and birth date fit neither it nor its bearers.';
comment on table linkage.memberships is
    'One row per person record and the releases for which it belonged to that person, the last one exclusive.';

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

create table if not exists linkage.persons (
    person_id text primary key,
    release_id text not null,
    first_record_key text not null
);
comment on table linkage.persons is 'One row per person id ever given, with the release that gave it.';

create table if not exists linkage.person_id_history (
    old_person_id text not null,
    person_id text not null,
    release_id text not null,
    change text not null check (change in ('merged', 'split')),
    primary key (old_person_id, person_id, release_id)
);
create index if not exists person_id_history_by_release on linkage.person_id_history (release_id);
comment on table linkage.person_id_history is
    'One row per person id and the person that took over all of it (merged, the old id is then spent) or part (split).';

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
comment on function linkage.resolve is 'The living person id that an id, however old, stands for.';

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

create table if not exists linkage.link_decisions (
    decision_id bigint generated always as identity primary key,
    source_l text not null,
    source_record_id_l text not null,
    source_r text not null,
    source_record_id_r text not null,
    verdict text not null check (verdict in ('same', 'different', 'unsure')),
    reason text not null,
    author text not null,
    decided_at timestamptz not null default now(),
    check ((source_l, source_record_id_l) < (source_r, source_record_id_r))
);
comment on table linkage.link_decisions is
    'One row per verdict of a clerk on two person records; never changed, a later first reading of the same two wins.';
alter table linkage.link_decisions add column if not exists reading text not null default 'first'
    check (reading in ('first', 'second'));
alter table linkage.link_decisions add column if not exists sample_id bigint;
alter table linkage.link_decisions add column if not exists match_weight double precision;
comment on column linkage.link_decisions.reading is
    'first: the verdict that linkage honours; second: a blind second reading, which is held against it.';
comment on column linkage.link_decisions.sample_id is 'The drawn sample that the verdict answers, if any.';
comment on column linkage.link_decisions.match_weight is
    'What the pair weighed when the verdict was given; a large change later puts it back into the queue.';

create or replace view linkage.standing_verdicts as
    select distinct on (source_l, source_record_id_l, source_r, source_record_id_r) *
    from linkage.link_decisions where reading = 'first'
    order by source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc;
comment on view linkage.standing_verdicts is 'One row per two person records with a verdict: the newest first reading.';

create or replace view linkage.second_readings as
    select distinct on (f.decision_id) f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r,
        f.decision_id, f.verdict as first_verdict, s.verdict as second_verdict
    from linkage.standing_verdicts f join linkage.link_decisions s
        on s.reading = 'second' and s.decision_id > f.decision_id
        and (s.source_l, s.source_record_id_l, s.source_r, s.source_record_id_r)
            = (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r)
    order by f.decision_id, s.decision_id desc;
comment on view linkage.second_readings is
    'One row per verdict that a second clerk has read blind: what both said.';

create table if not exists linkage.findings (
    source_l text not null,
    source_record_id_l text not null,
    source_r text not null,
    source_record_id_r text not null,
    outcome text not null,
    guard text,
    match_weight double precision,
    threshold double precision not null,
    steps jsonb not null,
    valid_from_release text not null,
    valid_to_release text
);
alter table linkage.findings add column if not exists verdict text;
alter table linkage.findings add column if not exists verdict_weight double precision;
create index if not exists findings_standing_l
    on linkage.findings (source_l, source_record_id_l) where valid_to_release is null;
create index if not exists findings_standing_r
    on linkage.findings (source_r, source_record_id_r) where valid_to_release is null;
create index if not exists findings_opened on linkage.findings (valid_from_release);
create index if not exists findings_closed on linkage.findings (valid_to_release) where valid_to_release is not null;
comment on table linkage.findings is
    'One row per pair of descriptions that was compared and could be one person, told by one record of each: how it '
    'ended, and what each comparison weighed.';

create or replace view linkage.accepted_pairs as
    select source_l, source_record_id_l, source_r, source_record_id_r, match_weight
    from linkage.findings where outcome = 'accepted' and valid_to_release is null;
comment on view linkage.accepted_pairs is
    'One row per pair of person records that the newest run joined by what it weighed, and the weight.';

create or replace view linkage.review_queue as
    with told as (
        select f.*, coalesce(v.verdict, f.verdict) as said,
            case when v.decision_id is null then f.verdict_weight else v.match_weight end as said_at
        from linkage.findings f
        left join linkage.standing_verdicts v using (source_l, source_record_id_l, source_r, source_record_id_r)
        where f.valid_to_release is null
    ),
    judged as (
        select f.*,
            case when f.outcome = 'contradicts_decision' then 'a verdict and the person numbers exclude each other'
                when f.said = 'same' and coalesce(f.match_weight, f.said_at - 5) <= f.said_at - 5
                    or f.said = 'different' and f.match_weight >= coalesce(f.said_at + 5, f.threshold)
                    or f.said = 'unsure' and abs(f.match_weight - f.said_at) >= 5
                    then 'the evidence has changed since the verdict'
                when f.said is not null then null
                when f.outcome like 'parked%' then 'contradictory: fits two persons who cannot be one'
                when f.outcome = 'different_numbers' and f.match_weight >= f.threshold
                    then 'alike, but with different valid person numbers'
                when f.outcome = 'guarded' and f.match_weight >= f.threshold then 'alike, but held apart by a guard'
                when f.outcome = 'accepted' and abs(f.match_weight - f.threshold) <= 3 then 'joined, near the threshold'
                when f.outcome = 'below_threshold' and abs(f.match_weight - f.threshold) <= 3
                    then 'not joined, near the threshold' end as cause
        from told f
    ),
    disagreed as (
        select *, 'two readers disagree' as cause from linkage.second_readings where first_verdict <> second_verdict
    )
    select source_l, source_record_id_l, source_r, source_record_id_r, outcome, guard, match_weight, cause,
        case when said is not null or outcome = 'contradicts_decision' then 0
            when outcome like 'parked%' then 1
            when outcome in ('different_numbers', 'guarded') then 10 - least(match_weight, 40) / 4
            else 2 + abs(match_weight - threshold) end as priority
    from judged where cause is not null
    union all
    select d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r, j.outcome, j.guard, j.match_weight,
        d.cause, 1
    from disagreed d left join judged j using (source_l, source_record_id_l, source_r, source_record_id_r)
    where j.cause is null;
comment on view linkage.review_queue is
    'One row per pair that a clerk should look at: conflicts first, then what lies near the threshold.';

create table if not exists linkage.review_samples (
    sample_id bigint generated always as identity primary key,
    release_id text not null,
    seed text not null,
    size integer not null,
    drawn_at timestamptz not null default now(),
    unique (release_id, seed, size)
);
comment on table linkage.review_samples is
    'One row per sample of records that was drawn for clerks to read, from the persons of one release.';

create table if not exists linkage.review_sample_records (
    sample_id bigint not null references linkage.review_samples,
    anchor_source text not null,
    anchor_source_record_id text not null,
    source text not null,
    source_record_id text not null,
    person_id text not null,
    person_records integer not null,
    stands_for integer not null,
    number_kind text,
    name_band text,
    primary key (sample_id, anchor_source, anchor_source_record_id, source, source_record_id)
);
comment on table linkage.review_sample_records is
    'One row per drawn record (the anchor) and record to read against it: all that its person is said to be, and the '
    'nearest misses; the person as it was when drawn, and how many records say the same as this one.';

create table if not exists linkage.quality (
    release_id text not null,
    measure text not null,
    subgroup text not null,
    estimate double precision,
    low double precision,
    high double precision,
    support bigint not null,
    note text not null,
    primary key (release_id, measure, subgroup)
);
comment on table linkage.quality is
    'One row per release, measure and subgroup of records: how right the linkage is, as a share with its 95 % interval.';

create table if not exists linkage.drift (
    release_id text not null,
    measure text not null,
    item text not null,
    expected double precision,
    actual double precision,
    drift double precision,
    note text not null,
    primary key (release_id, measure, item)
);
comment on table linkage.drift is
    'One row per release, measure and bin or blocking rule: what the model saw in its training (expected) and what this '
    'release shows (actual); drift is the stability index of a whole distribution, or log2 of actual over expected; '
    'a measure ending in _since_base is held against the base release instead.';

create or replace view linkage.explanations as
    with told as (
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
        from told where kind <> 'identifier' or (source_l, source_record_id_l) <> (source_r, source_record_id_r)
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

create table if not exists linkage.full_checks (
    checked_at timestamptz not null default now(),
    release_id text not null,
    records bigint not null,
    differing_records bigint not null
);
comment on table linkage.full_checks is
    'One row per check of a release: how many of its records a full relink would place otherwise; it must be none.';
