"""What was asked to be shown, committed before it is: the audit log takes these requests up with its next event."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Their functions are laid by audit/definitions.sql."""
    op.execute("""
        create table audit.requests (
            request bigint generated always as identity primary key,
            asked_at timestamptz not null default clock_timestamp(),
            transaction xid8 not null default pg_current_xact_id(),
            login text not null default session_user,
            by_name text not null,
            purpose text not null,
            detail jsonb not null,
            asked_for_sha256 text not null,
            persons text[] not null
        );
        create index on audit.requests (asked_at);
        comment on table audit.requests is
            'One row per request to be shown something, committed before it is shown. Until the next event is logged it is in no event; '
            'then in one whose detail has its number.';

        create table audit.shown (
            request bigint primary key references audit.requests,
            shown_at timestamptz not null default clock_timestamp()
        );
        comment on table audit.shown is
            'One row per request after which something was shown; a transaction that was rolled back leaves none, so that every request '
            'counts as shown.';

        create unique index events_by_request on audit.events ((detail ->> 'request')) where detail ? 'request';
        drop function if exists clerk.unmask(text, text, text);
    """)


def downgrade() -> None:
    """Requests that no event has taken up are lost: log something first, such as by `akrim link review`."""
    op.execute("""
        drop index audit.events_by_request;
        drop table audit.shown, audit.requests cascade;
        drop function if exists clerk.unmask(bigint);
        drop function if exists clerk.ask_number(text, text, text);
    """)
