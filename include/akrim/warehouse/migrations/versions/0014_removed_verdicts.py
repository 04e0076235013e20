"""Verdicts that were removed past their limit: of each its number and digest stay, so that what was pinned to it still is."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """No verdict was removed before."""
    op.execute("""
        alter table linkage.link_decisions
            alter column source_l drop not null,
            alter column source_record_id_l drop not null,
            alter column source_r drop not null,
            alter column source_record_id_r drop not null,
            alter column verdict drop not null,
            alter column reason drop not null,
            alter column author drop not null,
            alter column reading drop not null,
            add column removed_sha256 text;
        comment on table linkage.link_decisions is
            'One row per verdict of a clerk on two person records; never changed, a later first reading of the same two wins. '
            'Of one past its limit only the number, the time and the digest are left.';
        comment on column linkage.link_decisions.removed_sha256 is
            'The digest of a removed verdict, as linkage.verdict_sha256 made it; releases are pinned to it.';
    """)


def downgrade() -> None:
    """A removed verdict becomes one of nobody on no record: releases that were pinned to it no longer find its digest."""
    op.execute("""
        drop function if exists linkage.verdict_sha256 cascade;
        drop view if exists linkage.standing_verdicts cascade;
        update linkage.link_decisions set source_l = '', source_record_id_l = '', source_r = '-', source_record_id_r = '',
            verdict = 'unsure', reason = '', author = '', reading = 'second'
        where verdict is null;
        alter table linkage.link_decisions
            alter column source_l set not null,
            alter column source_record_id_l set not null,
            alter column source_r set not null,
            alter column source_record_id_r set not null,
            alter column verdict set not null,
            alter column reason set not null,
            alter column author set not null,
            alter column reading set not null,
            drop column removed_sha256;
        comment on table linkage.link_decisions is
            'One row per verdict of a clerk on two person records; never changed, a later first reading of the same two wins.';
    """)
