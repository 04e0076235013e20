"""Schemas for what each centre was sent, which its own login may read, and whom earlier releases named."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The tables in them follow the list of columns that may leave, and are made when a release is published.

    Until now a release named everybody in a centre's area; where a warehouse has releases, that is kept.
    """
    op.execute("""
        create schema if not exists shared;
        create schema if not exists shared_current;
        comment on schema shared is
            'The rows that each centre was sent with each release, with their recipient; a centre''s login sees its own.';
        comment on schema shared_current is 'The same of the newest release.';
        do $$ begin
            if to_regclass('marts.release_persons') is not null and to_regclass('marts.named_persons') is null then
                create table marts.named_persons as
                select release_id, centre_id, person_id, 'area'::text as named_because, to_jsonb(p) ->> 'basis' as basis
                from marts.release_persons as p;
            end if;
        end $$;
    """)


def downgrade() -> None:
    """What was sent stands in the releases' files all the same."""
    op.execute("drop schema shared_current cascade; drop schema shared cascade")
