"""Keep the digest of what each part of the schema was laid by last, where there was a set of all that ever were."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """A program from before migrations stops at the new columns, and so lays none of its functions over newer ones."""
    op.execute("""
        drop table meta.schema_version;
        create table meta.schema_version (part text primary key, sha256 text not null);
        comment on table meta.schema_version is
            'One row per part of the schema that is laid by its text, not by revisions: views and functions, and what a '
            'contract makes; with the digest of the text that was laid last.';
    """)


def downgrade() -> None:
    """An empty set, so that the program from before migrations lays all of its own again."""
    op.execute("""
        drop table meta.schema_version;
        create table meta.schema_version (version text primary key);
    """)
