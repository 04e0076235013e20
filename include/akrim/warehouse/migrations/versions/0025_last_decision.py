"""The last verdict that a release was pinned with, so that its linkage uses none that came while it was made."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Of earlier releases it is the last one given before they were reserved."""
    op.execute("""
        alter table meta.releases add column last_decision_id bigint not null default 0;
        comment on column meta.releases.last_decision_id is
            'The number of the newest verdict of a clerk (linkage.link_decisions) that it was pinned with; 0 if there was none.';
        update meta.releases set last_decision_id = coalesce(
            (select max(decision_id) from linkage.link_decisions where decided_at <= reserved_at), 0);
    """)


def downgrade() -> None:
    """A release then goes by all verdicts that are there when it is linked."""
    op.execute("""
        drop view if exists linkage.known_verdicts;
        drop function if exists linkage.verdicts_until(bigint);
        alter table meta.releases drop column last_decision_id;
    """)
