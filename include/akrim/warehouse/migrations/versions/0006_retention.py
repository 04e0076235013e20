"""Legal holds, and what was removed of deliveries and releases because it was past its limit."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Nothing was removed before."""
    op.execute("""
        create table meta.legal_holds (
            hold_id bigint generated always as identity primary key,
            kind text not null check (kind in ('person', 'delivery', 'release')),
            held_id text not null,
            event text not null check (event in ('opened', 'released')),
            by_name text not null,
            reason text not null,
            recorded_at timestamptz not null default now()
        );
        comment on table meta.legal_holds is
            'One row per event of a legal hold: opened or released, by whom and why; never changed. The newest event of a thing '
            'says whether it is held.';

        create table meta.delivery_removals (
            delivery_id text not null,
            extract text not null,
            rows_removed bigint not null,
            rows_held bigint not null,
            removed_at timestamptz not null default now(),
            primary key (delivery_id, extract)
        );
        comment on table meta.delivery_removals is
            'One row per delivery and extract whose rows were removed, past their limit: how many, and how many stay because '
            'they are held. No state can be made of such a delivery any more.';

        create table meta.release_removals (
            release_id text primary key references meta.releases,
            rows_removed bigint not null,
            removed_at timestamptz not null default now()
        );
        comment on table meta.release_removals is
            'One row per release whose rows in the marts were removed, past their limit: nothing is compared with it any more.';
    """)


def downgrade() -> None:
    """What is gone stays gone; that it is, and what is held, is lost."""
    op.execute(
        "drop table meta.release_removals; drop table meta.delivery_removals; drop table meta.legal_holds"
    )
