"""The rows that centres were sent, in a schema that no centre's login enters."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """What a login of a centre reads instead is laid by sharing/definitions.sql."""
    op.execute("""
        create schema if not exists shared_rows;
        comment on schema shared_rows is 'The rows that each centre was sent with each release, with their recipient; no login reads it.';
        comment on schema shared is 'What each centre was sent with each release; a centre''s login sees its own.';
        do $$
        declare
            name text;
        begin
            for name in select relname from pg_class where relnamespace = 'shared'::regnamespace and relkind = 'r' loop
                execute format('drop view if exists shared_current.%I', name);
                execute format('alter table shared.%I set schema shared_rows', name);
                if exists (select from pg_roles where rolname = 'akrim_centres') then
                    execute format('revoke all on shared_rows.%I from akrim_centres', name);
                end if;
            end loop;
        end $$;
    """)


def downgrade() -> None:
    """Centres' logins read the tables again, by their row security."""
    op.execute("""
        do $$
        declare
            name text;
        begin
            for name in select relname from pg_class where relnamespace = 'shared_rows'::regnamespace and relkind = 'r' loop
                execute format('drop view if exists shared.%I cascade', name);
                execute format('alter table shared_rows.%I set schema shared', name);
                execute format(
                    'create view shared_current.%1$I with (security_invoker = true) as'
                    ' select * from shared.%1$I where release_id = shared.newest_release()', name
                );
                if exists (select from pg_roles where rolname = 'akrim_centres') then
                    execute format('grant select on shared.%1$I to akrim_centres', name);
                end if;
            end loop;
            drop schema shared_rows cascade;
        end $$;
    """)
