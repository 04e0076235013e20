"""What each delivery left of each extract, compared with the one before it; and which of them a person confirmed."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """What was accepted before was not compared: it counts as an agency's first."""
    op.execute("""
        alter table meta.delivery_files
            alter column file_name drop not null,
            add column state text check (state in ('first', 'unchanged', 'empty', 'shrunken', 'swollen', 'changed')),
            add column rows_standing bigint,
            add column rows_usual bigint,
            add column content_digest text,
            add column as_of date;
        comment on table meta.delivery_files is
            'One row per file that a manifest names: rows declared = rows loaded + rows quarantined where accepted; and, without '
            'a file name, per extract that an accepted delta leaves out. Of each, its state after that delivery.';
        comment on column meta.delivery_files.state is
            'The extract compared with the one before: first, unchanged (the same rows), empty, shrunken or swollen (beyond the '
            'contract''s limits), changed. Empty where refused, or accepted before states were kept.';
        comment on column meta.delivery_files.rows_standing is 'Rows of the extract''s state after this delivery.';
        comment on column meta.delivery_files.rows_usual is
            'Rows of the newest earlier state that was neither empty, shrunken nor swollen, or that a person confirmed.';
        comment on column meta.delivery_files.content_digest is 'Tells whether two states have the same rows, in whatever order.';
        comment on column meta.delivery_files.as_of is 'The last day that the newest facts in it can be of.';

        create table meta.extract_confirmations (
            confirmation_id bigint generated always as identity primary key,
            delivery_id text not null,
            extract text not null,
            state text not null,
            content_digest text not null,
            by_name text not null,
            reason text not null,
            confirmed_at timestamptz not null default now()
        );
        comment on table meta.extract_confirmations is
            'One row per extract of a delivery that a person confirmed to be right as it stands: by whom, and why; never changed. '
            'It holds for that state and those rows.';
    """)


def downgrade() -> None:
    """How extracts compare is lost, and so is who confirmed them."""
    op.execute("""
        drop table meta.extract_confirmations;
        delete from meta.delivery_files where file_name is null;
        alter table meta.delivery_files
            alter column file_name set not null,
            drop column state, drop column rows_standing, drop column rows_usual, drop column content_digest, drop column as_of;
        comment on table meta.delivery_files is
            'One row per file that a manifest names: rows declared = rows loaded + rows quarantined where accepted.';
    """)
