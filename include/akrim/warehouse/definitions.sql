create or replace view meta.deliveries_in_force as
select d.* from meta.deliveries as d
where d.status = 'accepted'
    and not exists (select 1 from meta.delivery_withdrawals as w where w.delivery_id = d.delivery_id);
comment on view meta.deliveries_in_force is
    'One row per delivery that was accepted and not withdrawn: what an assessment may be made from.';

-- Whatever stands in a delivery's place stands in the place of all that it had replaced, be it withdrawn or not.
create or replace view meta.replaced_deliveries as
with recursive replaced as (
    select delivery_id as by_delivery_id, supersedes as delivery_id from meta.deliveries_in_force where supersedes is not null
    union
    select r.by_delivery_id, d.supersedes from replaced as r
    join meta.deliveries as d using (delivery_id) where d.status = 'accepted' and d.supersedes is not null
)
select * from replaced;
comment on view meta.replaced_deliveries is
    'One row per delivery in force and delivery that it replaces: the one that it supersedes, and what that one had superseded.';

create or replace view meta.release_deliveries as
select r.release_id, agency, place::integer, delivery ->> 'delivery_id' as delivery_id,
    delivery ->> 'manifest_sha256' as manifest_sha256
from meta.releases as r
cross join lateral jsonb_each(coalesce(r.pins -> 'deliveries', '{}')) as pinned (agency, deliveries)
cross join lateral jsonb_array_elements(deliveries) with ordinality as listed (delivery, place);
comment on view meta.release_deliveries is
    'One row per delivery that a release was made from; `place` is its place in the order of application.';

create or replace view meta.release_extracts as
select r.release_id, agency, extract, known ->> 'delivery_id' as delivery_id, known ->> 'state' as state,
    (known ->> 'as_of')::date as as_of, (known ->> 'rows')::bigint as rows, (known ->> 'rows_usual')::bigint as rows_usual,
    (known ->> 'is_confirmed')::boolean as is_confirmed
from meta.releases as r
cross join lateral jsonb_each(coalesce(r.pins -> 'extracts', '{}')) as pinned (agency, extracts)
cross join lateral jsonb_each(extracts) as listed (extract, known);
comment on view meta.release_extracts is
    'One row per extract that a release was made from: how it compared with the one before when it came (meta.delivery_files), '
    'and whether a person has confirmed it. Releases of older versions have none.';

create or replace view meta.approvals_in_force as
select a.release_id, a.fingerprint from meta.release_approvals as a
where not exists (
    select from meta.release_holds as h
    where h.release_id = a.release_id and h.by_name is not null and h.held_at > a.approved_at
);
comment on view meta.approvals_in_force is
    'One row per release and inputs that somebody let go, and that nobody has held since.';

create or replace view meta.overtaken_releases as
select r.release_id, r.period from meta.releases as r
where r.status = 'building' and r.published_at is null and (
    exists (select from meta.releases as later where later.published_at is not null and later.sequence > r.sequence)
    or r.is_explained and not exists (select from linkage.runs as linked where linked.release_id = r.release_id)
    or exists (
        select from meta.release_deliveries as d join meta.delivery_withdrawals as w using (delivery_id) where d.release_id = r.release_id
    )
);
comment on view meta.overtaken_releases is
    'One row per release that has not gone out and cannot as it is: another has come out since it was pinned, its links were undone, '
    'or a delivery of its own was withdrawn.';

create or replace view meta.releases_awaiting_approval as
select r.release_id, r.fingerprint, min(h.held_at) as held_since
from meta.releases as r join meta.release_holds as h using (release_id)
where r.status = 'building' and not exists (
    select from meta.approvals_in_force as a where (a.release_id, a.fingerprint) = (r.release_id, r.fingerprint)
)
and r.release_id not in (select o.release_id from meta.overtaken_releases as o)
group by r.release_id, r.fingerprint;
comment on view meta.releases_awaiting_approval is
    'One row per release on hold that nobody has let go, and that somebody still can.';

-- A query plans with these ids as constants, and so reads only the partitions of those deliveries, because the function
-- says that it is immutable. That holds for the life of a query: a release's pins are written before it is built.
create or replace function meta.pinned(agency text, release text) returns text[]
    language sql immutable parallel safe as $$
    select coalesce(array_agg(d.delivery_id order by d.place), '{}')
    from meta.release_deliveries as d where d.agency = $1 and d.release_id = $2
$$;

-- The size of a CTE or of a view is the planner's guess: a guess of one row makes a loop over everything, and hash joins cost a little more
-- where the guess is right and nothing where it is wrong. What a lateral function finds is not memoized: that makes a function of an
-- address twenty times as dear where there are more addresses than fit. Workers take part sooner than by default, which holds handing over a
-- row for ten times as dear as it is beside functions of text. And what is built anew after a crash does not wait for the disk: the
-- commit that ends a release waits for all before it.
create or replace function meta.plan_for_sets() returns void language sql as $$
    select set_config('enable_nestloop', 'off', true), set_config('enable_memoize', 'off', true),
        set_config('parallel_tuple_cost', '0.01', true), set_config('synchronous_commit', 'off', true)
$$;
comment on function meta.plan_for_sets() is 'Has the rest of the transaction planned for statements about everything, not about one.';

create or replace view meta.withheld as
select r.release_id, recipient.key as recipient, split_part(data.key, '.', 1) as agency, split_part(data.key, '.', 2) as category,
    data.value as told
from meta.releases as r
cross join jsonb_each(coalesce(r.pins -> 'withheld', '{}')) as recipient
cross join jsonb_each_text(recipient.value) as data;
comment on view meta.withheld is
    'What the sharing matrix kept from whom when the release was pinned: an agency''s data of a category, of which the recipient '
    'is told nothing, or that there is a hit.';

create or replace view meta.told_nationally as
select r.release_id, split_part(data, '.', 1) as agency, split_part(data, '.', 2) as category
from meta.releases as r
cross join jsonb_array_elements_text(coalesce(r.pins -> 'told_nationally', '[]')) as data;
comment on view meta.told_nationally is
    'What the sharing matrix let the national part rest on when the release was pinned: an agency''s data of a category. What no '
    'row names is not told; releases of older versions tell nothing.';

-- Immutable as meta.pinned is: where nothing is withheld, asking costs a query nothing.
create or replace function meta.is_withheld(release text, recipient text, agency text, category text) returns boolean
language sql immutable parallel safe as $$
    select exists (
        select from meta.releases as r
        where r.release_id = release and r.pins -> 'withheld' -> recipient ? (agency || '.' || category)
    )
$$;
comment on function meta.is_withheld(text, text, text, text) is
    'Whether a release was made without an agency''s data of a category for a recipient.';

create or replace view marts.releases as
select release_id, period, revision, as_of, status, published_at,
    status = 'published' and row_number() over (partition by status = 'published' order by as_of desc, revision desc) = 1
        as is_newest,
    status = 'published' and row_number() over (partition by status = 'published', period order by revision desc) = 1
        as is_newest_of_period,
    row_number() over (order by as_of, revision) as place
from meta.releases;
comment on view marts.releases is
    'One row per release, also those that are not out: its period, cut-off date and status, and whether it is the newest that is '
    'published, which marts_current shows.';
comment on column marts.releases.release_id is 'The period and the revision, such as 2026-T2.1; as text 2026-T2.10 comes before 2026-T2.9: sort by place.';
comment on column marts.releases.period is 'The tertial, such as 2026-T2.';
comment on column marts.releases.revision is 'Which release of the period it is, from 1.';
comment on column marts.releases.as_of is 'The cut-off date: the last day of the period.';
comment on column marts.releases.status is 'building, published, failed, superseded, recalled or erased.';
comment on column marts.releases.published_at is 'When it came out; empty while it never has.';
comment on column marts.releases.is_newest is 'Whether it is the newest that is published: the one in marts_current.';
comment on column marts.releases.is_newest_of_period is 'Whether it is the newest of its period that is published: one of those in marts_history.';
comment on column marts.releases.place is 'Its place among all releases in order of time, from 1.';

-- Protection once known lasts until a valid row lifts it, whether or not later deliveries hold the person. Of a delivery that
-- another one takes the place of, or that was withdrawn (void), what it lifted counts no more; what it protected does.
create or replace function meta.protections(heard text[], void text[]) returns setof landing.protection_statements
    language sql stable parallel safe as $$
    with said as (
        select s as statement, s.grade, d.period, d.delivered_at,
            s.grade is not null and not (s.grade = 'ugradert' and (
                s.delivery_id = any(void) or s.delivery_id in (
                    select newer.supersedes from meta.deliveries as newer
                    where newer.status = 'accepted' and newer.delivery_id = any(heard) and newer.supersedes is not null
                )
            )) as counts
        from landing.protection_statements as s
        join meta.deliveries as d on d.delivery_id = s.delivery_id and d.status = 'accepted'
        where s.delivery_id = any(heard)
    ), judged as (
        select statement, first_value(case when counts then grade end) over (
            partition by (statement).record_id
            order by counts desc, period desc, delivered_at desc, (statement).delivery_id desc, grade = 'ugradert'
        ) as last_grade
        from said
    )
    select (statement).* from judged where last_grade <> 'ugradert'
$$;

-- As of a release: by the deliveries that it was made from, and by the others that it lists as heard on protection.
create or replace function meta.protections_of(release text) returns setof landing.protection_statements
    language sql stable parallel safe as $$
    with beside as (
        select delivery ->> 'delivery_id' as delivery_id, (delivery ->> 'is_lift_void')::boolean as is_lift_void
        from meta.releases as r
        cross join lateral jsonb_each(coalesce(r.pins -> 'protections', '{}')) as listed (agency, deliveries)
        cross join lateral jsonb_array_elements(deliveries) as delivery
        where r.release_id = $1
    )
    select p.* from meta.protections(
        array(
            select delivery_id from meta.release_deliveries where release_id = $1 union select delivery_id from beside
        ),
        array(select delivery_id from beside where is_lift_void)
    ) as p
$$;

-- The accepted deliveries of agencies that tell of protection: what others deliver changes nothing.
create or replace function meta.heard_on_protection() returns setof text
    language sql stable parallel safe as $$
    select delivery_id from meta.deliveries
    where status = 'accepted' and agency in (select s.agency from landing.protection_statements as s)
$$;

-- Of all that has come by now; what was heard of later periods protects whoever it may concern.
create or replace function meta.protected_since(release text)
    returns table (
        agency text, "extract" text, record_id text, identifier text, previous_identifier text, street_address text, postcode text
    )
    language sql stable parallel safe as $$
    select p.agency, p.extract, p.record_id, p.identifier, p.previous_identifier, p.street_address, p.postcode
    from meta.protections(
        array(select delivery_id from meta.deliveries where status = 'accepted'),
        array(select delivery_id from meta.delivery_withdrawals)
    ) as p
    where p.grade is distinct from 'ugradert'
    except
    select p.agency, p.extract, p.record_id, p.identifier, p.previous_identifier, p.street_address, p.postcode
    from meta.protections_of($1) as p
$$;
comment on function meta.protected_since is 'What is said to be protected by now and was not as the release was pinned.';
