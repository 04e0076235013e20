"""Whom and which homes clerks are not shown since the newest assessment, beside what that found."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """They stood among what an assessment works on, which takes them away again, and would be told apart by them."""
    op.execute("""
        create table linkage.hidden_persons (person_id text primary key);
        comment on table linkage.hidden_persons is 'One row per person whose home is protected by now: clerks are shown none of hers.';
        create table linkage.hidden_addresses (address_digest bytea primary key);
        comment on table linkage.hidden_addresses is 'One row per digest of an address that is protected by now.';
    """)


def downgrade() -> None:
    op.execute("drop table linkage.hidden_persons, linkage.hidden_addresses")
