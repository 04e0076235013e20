"""Keep what Great Expectations found of each extract of a delivery."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Deliveries that came before have no results; all else that is known of them stays."""
    op.execute("""
        create table meta.validation_results (
            delivery_id text not null,
            manifest_sha256 text not null,
            extract text not null,
            result jsonb not null,
            primary key (delivery_id, manifest_sha256, extract),
            foreign key (delivery_id, manifest_sha256) references meta.deliveries
        );
        comment on table meta.validation_results is
            'One row per extract that was validated: each expectation of its suite, whether it holds, and how many rows '
            'break it; nothing of any row. Great Expectations reads it as a validation result.';
    """)


def downgrade() -> None:
    """The results are lost; what was set aside, and why, is not."""
    op.execute("drop table meta.validation_results;")
