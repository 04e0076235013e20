-- The roles of an installation, for a superuser to lay once on the server: what the embedded server runs at set-up, and
-- what an administrator runs on a PostgreSQL of your own (docs/database.md). Running it again changes nothing.
do $$
declare
    -- The centres of dbt_project/seeds/centres.csv that are sent releases, and whoever is sent the national part.
    centres text[] := '{alta,bergen,bodo,kristiansand,oslo,stavanger,tonsberg,trondheim,national}';
    centre text;
    login text;
    own_setting text;
begin
    foreach login in array '{akrim,akrim_analyst,akrim_auditor,akrim_clerk,airflow,akrim_centres}'::text[] || array(
        select 'akrim_centre_' || c from unnest(centres) as c
    ) loop
        if not exists (select from pg_roles where rolname = login) then execute format('create role %I', login); end if;
    end loop;

    -- A centre's people read what their centre was sent: the schema `shared`, by row security that goes by the login's name.
    foreach centre in array centres loop
        execute format('grant akrim_centres to %I with inherit true, set false', 'akrim_centre_' || centre);
    end loop;

    -- People read; the limits keep one query from stopping the pipeline or filling the disk. What a login has set for itself goes.
    foreach login in array '{akrim_analyst,akrim_auditor,akrim_clerk}'::text[] || array(select 'akrim_centre_' || c from unnest(centres) as c) loop
        execute format(
            'alter role %I login nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit 20', login
        );
        execute format('alter role %I reset all', login);
        for own_setting in
            select format('alter role %I in database %I reset all', login, d.datname)
            from pg_db_role_setting as s join pg_database as d on d.oid = s.setdatabase where s.setrole = login::regrole
        loop
            execute own_setting;
        end loop;
        -- A clerk's login may write nowhere either; but a number is shown to it with an event in the audit log, which its owner adds.
        execute format(
            'alter role %I set default_transaction_read_only = %s', login, case login when 'akrim_clerk' then 'off' else 'on' end
        );
        execute format('alter role %I set statement_timeout = ''15min''', login);
        execute format('alter role %I set idle_in_transaction_session_timeout = ''15min''', login);
        execute format('alter role %I set temp_file_limit = ''10GB''', login);
    end loop;
end $$;

-- The pipeline owns its database's schemas and can do nothing else: neither the server's files nor its programs are its own.
alter role akrim login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role airflow login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role akrim_centres nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
