"""Parts of releases that tell of an erased person and are to go once they are no longer in force."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """An erasure of before left such parts; to erase the person again finds none of her rows, and so none of them."""
    op.execute("""
        create table meta.parts_to_erase (
            release_id text not null references meta.releases,
            centre_id text not null,
            reason text not null,
            decided_at timestamptz not null default now(),
            primary key (release_id, centre_id)
        );
        comment on table meta.parts_to_erase is
            'One row per centre''s part of a release that was in force when somebody whom it tells of was erased; whom, it does not say.';
    """)


def downgrade() -> None:
    """Which parts were still to go is lost."""
    op.execute("drop table meta.parts_to_erase")
