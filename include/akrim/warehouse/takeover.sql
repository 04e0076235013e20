-- A home made when the pipeline was the server's superuser: all that it made in a database goes to the role whose name the
-- database bears.
do $$
declare
    handing_over text;
begin
    for handing_over in
        select format('alter schema %I owner to %I', n.nspname, current_database()) from pg_namespace as n
        where n.nspowner = 'akrim_before'::regrole and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')
        union all
        select format('alter table %s owner to %I', c.oid::regclass, current_database()) from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relowner = 'akrim_before'::regrole and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
            and c.relkind in ('r', 'p', 'v', 'm')
        union all
        select format('alter type %s owner to %I', t.oid::regtype, current_database()) from pg_type as t
        join pg_namespace as n on n.oid = t.typnamespace
        where t.typowner = 'akrim_before'::regrole and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
            and t.typtype = 'e'
        union all
        select format('alter routine %s owner to %I', p.oid::regprocedure, current_database()) from pg_proc as p
        join pg_namespace as n on n.oid = p.pronamespace
        where p.proowner = 'akrim_before'::regrole and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    loop
        execute handing_over;
    end loop;
end $$;
