-- The roles of an installation, for a superuser to lay once on the server: what the embedded server runs at set-up, and
-- what an administrator runs on a PostgreSQL of your own (docs/database.md). Running it again changes nothing.
do $$ begin
    if not exists (select from pg_roles where rolname = 'akrim') then create role akrim; end if;
    if not exists (select from pg_roles where rolname = 'akrim_analyst') then create role akrim_analyst; end if;
    if not exists (select from pg_roles where rolname = 'airflow') then create role airflow; end if;
end $$;

-- The pipeline owns its database's schemas and can do nothing else: neither the server's files nor its programs are its own.
alter role akrim login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;
alter role airflow login nosuperuser nocreatedb nocreaterole noreplication nobypassrls;

-- Analysts read; the limits keep one query from stopping the pipeline or filling the disk.
alter role akrim_analyst login nosuperuser nocreatedb nocreaterole noreplication nobypassrls connection limit 20;
alter role akrim_analyst set default_transaction_read_only = on;
alter role akrim_analyst set statement_timeout = '15min';
alter role akrim_analyst set idle_in_transaction_session_timeout = '15min';
alter role akrim_analyst set temp_file_limit = '10GB';
