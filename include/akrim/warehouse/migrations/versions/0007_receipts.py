"""Which receipts were sent to the agencies, and what they said."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """The deliveries that came before are answered for too, by the next run."""
    op.execute("""
        create table meta.sent_receipts (
            delivery_id text not null,
            manifest_sha256 text not null,
            state_sha256 text not null,
            receipt_sha256 text not null,
            sent_at timestamptz not null default now(),
            primary key (delivery_id, manifest_sha256)
        );
        comment on table meta.sent_receipts is
            'One row per delivery whose receipt was put into the outbox: digests of what it is about and of its receipt.json.';
    """)


def downgrade() -> None:
    """The receipts lie in the outbox all the same, and are sent again after an upgrade."""
    op.execute("drop table meta.sent_receipts")
