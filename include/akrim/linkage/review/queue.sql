-- Which pair a clerk is given. A pair that is open before somebody is his for ten minutes: two clerks who ask at the same moment wait for each
-- other, and are given different ones; no longer than seconds, since a session may leave its transaction open.

create or replace function clerk.waiting(rows integer, after integer default 0)
    returns table (one text, other text, cause text, match_weight double precision, total bigint, causes jsonb)
    language plpgsql stable security definer set search_path = '' set client_min_messages = warning as $$
begin
    return query
    with pairs as materialized (
        select q.source_l || '/' || q.source_record_id_l as one, q.source_r || '/' || q.source_record_id_r as other, q.cause,
            q.match_weight::double precision as match_weight, q.priority
        from linkage.review_queue as q where q.cause <> 'readers_disagree'
    ),
    counted as (select p.cause, count(*) as pairs, min(p.priority) as priority from pairs as p group by p.cause)
    select p.one, p.other, p.cause, p.match_weight, (select count(*) from pairs),
        (select jsonb_agg(jsonb_build_object('cause', c.cause, 'pairs', c.pairs) order by c.priority) from counted as c)
    from pairs as p order by p.priority, p.match_weight desc nulls first, p.one, p.other limit waiting.rows offset waiting.after;
end
$$;
comment on function clerk.waiting is
    'So many pairs that wait for a first verdict, most important first, each with how many wait in all and by cause; by their records'' ids alone.';

create or replace function clerk.again(by_name text) returns table (one text, other text)
    language plpgsql stable security definer set search_path = '' set client_min_messages = warning as $$
begin
    return query
    select q.source_l || '/' || q.source_record_id_l, q.source_r || '/' || q.source_record_id_r
    from linkage.to_read_again as q where q.author <> again.by_name order by q.place;
end
$$;
comment on function clerk.again is 'The pairs that by_name is to read blind, others having decided on them.';

create or replace function linkage.held_by(one text, other text, besides text) returns text
    language sql stable as $$
    select h.by_name from linkage.review_holds as h
    where h.pair_sha256 = audit.digest(one || ' ' || other) and h.by_name <> besides and h.held_until >= now()
$$;
comment on function linkage.held_by is 'Which other clerk has the pair before him, if anybody.';

create or replace function clerk.hold(one text, other text, by_name text) returns text
    language plpgsql security definer set search_path = '' set client_min_messages = warning set lock_timeout = '3s' as $$
declare
    holder text;
begin
    perform pg_advisory_xact_lock(hashtext('clerk.take'));
    delete from linkage.review_holds as h where h.held_until < now();
    holder := linkage.held_by(one, other, by_name);
    -- One holder for each pair that waits: whatever names are given, there are no more rows than such pairs.
    if holder is null and exists (
        select from linkage.shown_pairs as q
        where q.source_l = split_part(one, '/', 1) and q.source_record_id_l = substr(one, strpos(one, '/') + 1)
            and q.source_r = split_part(other, '/', 1) and q.source_record_id_r = substr(other, strpos(other, '/') + 1)
    ) then
        insert into linkage.review_holds as h values (hold.by_name, audit.digest(one || ' ' || other), now() + interval '10 minutes')
        on conflict on constraint review_holds_pkey do update set pair_sha256 = excluded.pair_sha256, held_until = excluded.held_until;
    end if;
    return holder;
end
$$;
comment on function clerk.hold is
    'Who else has the pair before him, if anybody; else it is by_name''s for ten minutes where it waits, and no other pair is.';

create or replace function clerk.take(by_name text, skip integer default 0) returns table (one text, other text)
    language plpgsql security definer set search_path = '' set client_min_messages = warning set lock_timeout = '3s' as $$
begin
    perform pg_advisory_xact_lock(hashtext('clerk.take'));
    select p.one, p.other into take.one, take.other
    from clerk.waiting(skip + 1 + (select count(*)::integer from linkage.review_holds))
        with ordinality as p (one, other, cause, match_weight, total, causes, place)
    where linkage.held_by(p.one, p.other, take.by_name) is null
    order by p.place limit 1 offset skip;
    if found then
        perform clerk.hold(take.one, take.other, take.by_name);
        return next;
    end if;
end
$$;
comment on function clerk.take is
    'The most important pair that waits and that no other clerk has, after so many; it is by_name''s for ten minutes.';

create or replace function clerk.take_again(by_name text) returns table (one text, other text)
    language plpgsql security definer set search_path = '' set client_min_messages = warning set lock_timeout = '3s' as $$
begin
    perform pg_advisory_xact_lock(hashtext('clerk.take'));
    select p.one, p.other into take_again.one, take_again.other
    from clerk.again(take_again.by_name) with ordinality as p (one, other, place)
    where linkage.held_by(p.one, p.other, take_again.by_name) is null
    order by p.place limit 1;
    if found then
        perform clerk.hold(take_again.one, take_again.other, take_again.by_name);
        return next;
    end if;
end
$$;
comment on function clerk.take_again is
    'The first of clerk.again that no other clerk has; it is by_name''s for ten minutes.';
