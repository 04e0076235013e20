"""Whose decision form a delivery was and which of its cells could not be read, for its centre to be told in the next release."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Of forms that came before nothing is told."""
    op.execute("""
        alter table meta.deliveries add column form jsonb;
        comment on column meta.deliveries.form is
            'Of a decision form that came back: its centre, the release that it is for, and the cells that could not be read, each '
            'with its sheet, column and code; never what stood in them.';
    """)


def downgrade() -> None:
    """What the next releases would have told centres of their forms is lost."""
    op.execute("""
        drop view if exists meta.deliveries_in_force cascade;
        alter table meta.deliveries drop column form;
    """)
