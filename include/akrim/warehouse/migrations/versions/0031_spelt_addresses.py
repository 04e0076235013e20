"""Homes are looked for anew in every release, since an address is known in more ways of writing."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """What clerks were not shown before stays hidden: the digests of before are among those of now."""
    op.execute("""
        alter table meta.hidden_homes add column spelling integer;
        comment on column meta.hidden_homes.spelling is
            'By which ways of writing an address the homes were looked for; a release of which this differs is looked at anew.';
    """)


def downgrade() -> None:
    op.execute("alter table meta.hidden_homes drop column spelling")
