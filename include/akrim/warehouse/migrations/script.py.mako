"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Up to revision ${up_revision}."""
    ${upgrades if upgrades else 'pass'}


def downgrade() -> None:
    """Back to revision ${down_revision}."""
    ${downgrades if downgrades else 'pass'}
