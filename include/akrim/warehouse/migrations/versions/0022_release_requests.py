"""Who asked for a release to be made, so that somebody else lets it go."""

from alembic import op

revision = "0022"
down_revision = "0019"


def upgrade() -> None:
    op.execute("""
        create table if not exists meta.release_requests (
            release_id text not null references meta.releases,
            fingerprint text not null,
            by_name text not null,
            asked_at timestamptz not null default now(),
            primary key (release_id, fingerprint, by_name)
        );
        comment on table meta.release_requests is
            'One row per person who asked for a run that made the release of these inputs; none where a schedule or a delivery did.';
    """)


def downgrade() -> None:
    """Who asked is lost; whatever waits can then be let go by anybody with the right."""
    op.execute("drop table meta.release_requests")
