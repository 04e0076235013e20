"""Schemas for what each centre was sent, which its own login may read."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The tables in them follow the list of columns that may leave, and are laid when a release is published."""
    op.execute("""
        create schema if not exists shared;
        create schema if not exists shared_current;
        comment on schema shared is
            'The rows that each centre was sent with each release, with their recipient; a centre''s login sees its own.';
        comment on schema shared_current is 'The same of the newest release.';
    """)


def downgrade() -> None:
    """What was sent stands in the releases' files all the same."""
    op.execute("drop schema shared_current cascade; drop schema shared cascade")
