create table if not exists linkage.runs (
    run_number bigint generated always as identity primary key,
    release_id text not null unique,
    base_release_id text,
    model text not null,
    counts jsonb not null
);
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
create index if not exists memberships_opened on linkage.memberships (valid_from_release);
create index if not exists memberships_closed
    on linkage.memberships (valid_to_release) where valid_to_release is not null;
comment on table linkage.memberships is
    'One row per person record and the releases for which it belonged to that person, the last one exclusive.';

create or replace view linkage.person_records as
    select source, extract, source_record_id, person_id, link_kind, match_weight
    from linkage.memberships where valid_to_release is null;
comment on view linkage.person_records is
    'One row per person record: the person it belongs to after the newest run, and by what kind of link.';

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
    'One row per verdict of a clerk on two person records; never changed, a later verdict on the same two wins.';

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
create index if not exists findings_standing_l
    on linkage.findings (source_l, source_record_id_l) where valid_to_release is null;
create index if not exists findings_standing_r
    on linkage.findings (source_r, source_record_id_r) where valid_to_release is null;
create index if not exists findings_opened on linkage.findings (valid_from_release);
create index if not exists findings_closed on linkage.findings (valid_to_release) where valid_to_release is not null;
comment on table linkage.findings is
    'One row per pair of descriptions that was compared and could be one person, told by one record of each: how it '
    'ended, and what each comparison weighed.';

create or replace view linkage.review_queue as
    select f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r, f.outcome, f.guard, f.match_weight,
        case when f.outcome = 'contradicts_decision' then 'a verdict and the person numbers exclude each other'
            when f.outcome = 'different_numbers' then 'alike, but with different valid person numbers'
            when f.outcome = 'guarded' then 'alike, but held apart by a guard'
            when f.outcome = 'accepted' then 'joined, near the threshold'
            else 'not joined, near the threshold' end as cause,
        case when f.outcome = 'contradicts_decision' then 0
            when f.outcome in ('different_numbers', 'guarded') then 10 - least(f.match_weight, 40) / 4
            else 2 + abs(f.match_weight - f.threshold) end as priority
    from linkage.findings f
    where f.valid_to_release is null
        and (f.outcome = 'contradicts_decision'
            or (f.outcome in ('different_numbers', 'guarded') and f.match_weight >= f.threshold)
            or (f.outcome in ('accepted', 'below_threshold') and abs(f.match_weight - f.threshold) <= 3))
        and (f.outcome = 'contradicts_decision' or not exists (
            select 1 from linkage.link_decisions d
            where (d.source_l, d.source_record_id_l, d.source_r, d.source_record_id_r)
                = (f.source_l, f.source_record_id_l, f.source_r, f.source_record_id_r)));
comment on view linkage.review_queue is
    'One row per pair that a clerk should look at: contradictions first, then what lies near the threshold.';

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
    'release shows (actual); drift is the stability index of a whole distribution, or log2 of actual over expected.';
