"""A hold that has ended is forgotten with the log's telling of it."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """The next cut of the log takes those that ended before it."""
    op.execute("""
        comment on table meta.legal_holds is
            'One row per event of a legal hold: opened or released, by whom and why. The newest event of a thing says whether it is held. '
            'Rows are added, and go in two ways: of a hold that has ended, once the audit log is cut to that day or later; of a person, '
            'once he or she is erased.';
    """)


def downgrade() -> None:
    op.execute("""
        comment on table meta.legal_holds is
            'One row per event of a legal hold: opened or released, by whom and why; never changed. The newest event of a thing '
            'says whether it is held.';
    """)
