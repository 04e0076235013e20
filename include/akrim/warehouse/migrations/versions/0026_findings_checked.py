"""A check of the linkage compares the findings on pairs too."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Earlier checks did not."""
    op.execute("""
        alter table linkage.full_checks add column differing_findings bigint;
        comment on table linkage.full_checks is
            'One row per check of a release: how many of its records a full relink would place otherwise, and of how many pairs it '
            'would find something else (empty where only records were compared); it must be none.';
    """)


def downgrade() -> None:
    op.execute("""
        alter table linkage.full_checks drop column differing_findings;
        comment on table linkage.full_checks is
            'One row per check of a release: how many of its records a full relink would place otherwise; it must be none.';
    """)
