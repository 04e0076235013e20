"""Linkage keeps which keys their agencies have given to somebody else, so that nothing on them is taken for that one's."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute("""
        create table linkage.given_away (
            source text not null,
            extract text not null,
            source_record_id text not null,
            person_id text not null,
            release_id text not null,
            primary key (source, source_record_id, release_id)
        );
        comment on table linkage.given_away is
            'One row per record whose key its agency has given to somebody else: the person whose it was until that release''s run.';
    """)


def downgrade() -> None:
    """The views and functions that read it are laid again by that version."""
    op.execute("drop table linkage.given_away cascade")
