-- What the row security of the schema `shared` asks. The functions run as their owner, since a centre's login reads no other
-- schema; they tell it nothing but the names of releases.

create or replace function shared.recipient() returns text language sql stable as $$
    select substr(session_user, length('akrim_centre_') + 1) where starts_with(session_user, 'akrim_centre_')
$$;
comment on function shared.recipient() is 'The centre of the login that asks, or national; nothing for other logins.';

create or replace function shared.releases_out() returns setof text
language sql stable security definer set search_path = '' as $$
    select release_id from meta.releases where status in ('published', 'superseded')
$$;
comment on function shared.releases_out() is 'The releases that were published and neither recalled nor erased.';

create or replace function shared.newest_release() returns text
language sql stable security definer set search_path = '' as $$
    select release_id from meta.releases where status = 'published' order by as_of desc, revision desc limit 1
$$;
comment on function shared.newest_release() is 'The newest release that is published.';

-- What a login reads is a function's result: its conditions run on the rows that the function has returned, and nothing of what
-- lies behind is planned, estimated or timed with them. The function runs as the tables' owner, whom their forced row security
-- binds by the session's login: the pipeline's own sessions see all rows, a centre's see what it was sent.
-- Whoever asks may have the server print the function's own plan, with its estimates, or count the pages that it reads. So it prints none,
-- and for a centre reads by the index alone that centre's pages, whatever the session says of indexes and of what they cost: else both would
-- tell how many rows lie there for all.
create or replace procedure shared_rows.lay(name text) language plpgsql as $lay$
begin
    execute format($sql$
        drop view if exists shared_current.%1$I;
        drop view if exists shared.%1$I;
        drop function if exists shared_rows.%1$I();
        create index if not exists %2$I on shared_rows.%1$I (recipient, release_id);
        alter table shared_rows.%1$I enable row level security;
        alter table shared_rows.%1$I force row level security;
        drop policy if exists of_pipeline on shared_rows.%1$I;
        create policy of_pipeline on shared_rows.%1$I to current_user
            using (session_user = current_user) with check (session_user = current_user);
        drop policy if exists of_recipient on shared_rows.%1$I;
        create policy of_recipient on shared_rows.%1$I for select to public
            using (recipient = (select shared.recipient()) and release_id in (select shared.releases_out()));
        create function shared_rows.%1$I() returns setof shared_rows.%1$I
            language sql stable security definer set search_path = ''
            set enable_seqscan = off set enable_indexscan = on set enable_bitmapscan = on
            set random_page_cost = 1 set cpu_index_tuple_cost = 0.005 set cpu_operator_cost = 0.0025
            set client_min_messages = warning set debug_print_parse = off set debug_print_rewritten = off set debug_print_plan = off as '
            select * from shared_rows.%1$I where recipient = (select shared.recipient())
            union all select * from shared_rows.%1$I where session_user = current_user';
        create view shared.%1$I with (security_barrier) as select * from shared_rows.%1$I();
        create view shared_current.%1$I with (security_barrier) as
            select * from shared.%1$I where release_id = shared.newest_release();
    $sql$, name, name || '_by_recipient');
    -- As earlier programs laid it.
    execute format('drop index if exists shared_rows.%I', name || '_release_id_recipient_idx');
end
$lay$;
comment on procedure shared_rows.lay is 'Lay the row security of a table of rows that were sent, and the views by which logins read it.';

do $$
declare
    kept text;
begin
    for kept in select relname from pg_class where relnamespace = 'shared_rows'::regnamespace and relkind = 'r' loop
        call shared_rows.lay(kept);
    end loop;
end $$;
