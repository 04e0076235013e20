"""What was heard of protected homes as a release's were hidden, so that only what has come since is looked at."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """A release without a row is looked at as a whole."""
    op.execute("""
        create table meta.hidden_homes (
            release_id text primary key,
            heard text[] not null,
            void text[] not null,
            run_number bigint not null
        );
        comment on table meta.hidden_homes is
            'One row per release that is out: the accepted deliveries, the withdrawn ones and the newest linkage run by which every home that '
            'was protected since is hidden in its rows.';
    """)


def downgrade() -> None:
    op.execute("drop table meta.hidden_homes")
