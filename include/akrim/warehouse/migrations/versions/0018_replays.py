"""Deliveries that a person asked to have read again by the contract of today, and what came of it."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("""
        create table meta.delivery_replays (
            replay_id bigint generated always as identity primary key,
            delivery_id text not null,
            by_name text not null,
            reason text not null,
            even_if_same boolean not null default false,
            asked_at timestamptz not null default now(),
            done_at timestamptz,
            outcome text,
            made text
        );
        create unique index delivery_replays_open on meta.delivery_replays (delivery_id) where done_at is null;
        comment on table meta.delivery_replays is
            'One row per time that a person asked for a delivery to be read again by the contract of that day: by whom and why, '
            'and what came of it (accepted, refused, already_loaded); `made` is the delivery that took its place.';
    """)


def downgrade() -> None:
    """Who asked is lost; the deliveries that were made stay."""
    op.execute("drop table meta.delivery_replays")
