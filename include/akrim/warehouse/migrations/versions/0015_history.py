"""A schema for what the marts said period by period; its views are laid with the marts."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """The views come with the definitions and the next run."""
    op.execute("create schema if not exists marts_history")


def downgrade() -> None:
    """An earlier program lays `marts.releases` with fewer columns; the views of `marts_current` come back with its next run."""
    op.execute("""
        drop schema marts_history cascade;
        drop view if exists marts.releases cascade;
        drop function if exists marts.person;
    """)
