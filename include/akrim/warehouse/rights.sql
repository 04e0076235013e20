-- Who may do what in the warehouse's database, for a superuser to lay once in it, after roles.sql: whatever
-- PostgreSQL lets everybody do, and an analyst needs not, is taken back. Running it again changes nothing.
do $$
declare
    right_of_all text;
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to akrim_analyst, akrim_auditor, akrim_clerk, akrim_centres', current_database());
    revoke all on schema public from public;
    -- Large objects and the server's log of changes can be written by everybody, and advisory locks, by which the pipeline's
    -- processes wait for each other, be taken.
    for right_of_all in
        select p.oid::regprocedure::text from pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace
            and (p.proname ~ '^lo_|^lo(read|write)$|advisory' or p.proname in ('pg_notify', 'pg_logical_emit_message'))
    loop
        execute format('revoke execute on function %s from public', right_of_all);
        if right_of_all ~ 'advisory' then
            execute format('grant execute on function %s to akrim', right_of_all);
        end if;
    end loop;
    -- How large a table is, and what is written while a release is published, centre by centre, tells how many rows each is sent; locks
    -- tell what the people of another login are reading.
    for right_of_all in
        select p.oid::regprocedure::text from pg_proc as p
        where p.pronamespace = 'pg_catalog'::regnamespace
            and p.proname ~ concat_ws(
                '|', '^pg_(relation|table|total_relation|indexes|database|tablespace)_size$', '^pg_stat_get_(?!activity)',
                '^pg_(current|last)_wal', 'wal_summar', '^pg_get_replication_slots$', '^pg_control_', '^pg_lock_status$'
            )
    loop
        execute format('revoke execute on function %s from public', right_of_all);
        execute format('grant execute on function %s to akrim, akrim_analyst', right_of_all);
    end loop;
    -- Nor whose deliveries have come: a partition is of the delivery that it names, and a returned form's id names its centre.
    revoke execute on function pg_catalog.pg_get_partition_constraintdef from public;
    grant execute on function pg_catalog.pg_get_partition_constraintdef to akrim, akrim_analyst;
    revoke select on pg_catalog.pg_class from public;
    grant select on pg_catalog.pg_class to akrim, akrim_analyst;
    execute (
        select format('grant select (%s) on pg_catalog.pg_class to public', string_agg(quote_ident(attname), ', '))
        from pg_attribute where attrelid = 'pg_catalog.pg_class'::regclass and attnum > 0
            and attname <> all ('{relpages,reltuples,relallvisible,relallfrozen,relpartbound}')
    );
end $$;

-- A transaction that is left open keeps the pipeline from making anew what it has read, and the limits against that are defaults that a
-- session can lift. So the pipeline may end such sessions of people's logins, in this database, and no others.
create or replace function public.end_long_transactions(longest interval) returns bigint
    language sql security definer set search_path = '' as $$
    select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
    where datname = current_database() and xact_start < clock_timestamp() - longest
        and (usename in ('akrim_analyst', 'akrim_auditor', 'akrim_clerk') or starts_with(usename, 'akrim_centre_'))
$$;
revoke execute on function public.end_long_transactions from public;
grant execute on function public.end_long_transactions to akrim;
