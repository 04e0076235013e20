"""How linkage has judged a pair over the releases, by an index."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Of findings that no longer stand, too."""
    op.execute("""
        create index if not exists findings_by_pair on linkage.findings
            (source_l, source_record_id_l, source_r, source_record_id_r);
    """)


def downgrade() -> None:
    op.execute("drop index linkage.findings_by_pair")
