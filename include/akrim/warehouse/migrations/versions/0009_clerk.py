"""A schema for what clerks read to judge links."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Its views and functions are laid by linkage/review/definitions.sql."""
    op.execute("""
        create schema if not exists clerk;
        comment on schema clerk is 'What waits for clerical review, numbers masked; the clerks'' login reads this and nothing else.';
    """)


def downgrade() -> None:
    """Nothing is kept in it."""
    op.execute("drop schema clerk cascade")
