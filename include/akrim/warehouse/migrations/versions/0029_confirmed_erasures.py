"""A centre confirms that it has deleted its part of a release that was erased."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Of earlier notices no centre has said so."""
    op.execute("""
        alter table meta.sent_statements add column receipt_at timestamptz, add column deleted_date date;
        comment on table meta.sent_statements is
            'One row per signed statement (recall, supersession, succession, erasure) put into a centre''s outbox; of an erasure, when the '
            'centre''s receipt came, and the day on which it says that its copies are deleted.';
    """)


def downgrade() -> None:
    op.execute("""
        alter table meta.sent_statements drop column receipt_at, drop column deleted_date;
        comment on table meta.sent_statements is
            'One row per signed statement (recall, supersession, succession) put into a centre''s outbox.';
    """)
