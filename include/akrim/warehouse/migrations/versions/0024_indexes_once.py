"""Two indexes of linkage less: of each there is one on the same columns that holds the rows that no longer stand, too."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """They are as large as linkage itself, and every release writes them; few rows of its tables do not stand."""
    op.execute("drop index if exists linkage.memberships_by_person, linkage.findings_standing_l")


def downgrade() -> None:
    op.execute("""
        create index memberships_by_person on linkage.memberships (person_id) where valid_to_release is null;
        create index findings_standing_l on linkage.findings (source_l, source_record_id_l) where valid_to_release is null;
    """)
