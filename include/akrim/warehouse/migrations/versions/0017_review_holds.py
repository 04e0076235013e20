"""Which clerk has which pair before her, and what makes the queue of pairs cheap to read."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """The condition of `findings_doubtful` is that of linkage.review_queue, letter for letter: the view is read by it."""
    op.execute("""
        create table if not exists linkage.review_holds (
            by_name text primary key,
            pair_sha256 text not null,
            held_until timestamptz not null
        );
        comment on table linkage.review_holds is
            'One row per clerk who reads pairs: the digest of the pair that others are not handed until then.';
        create index if not exists findings_doubtful on linkage.findings (source_l, source_record_id_l)
            where valid_to_release is null and verdict is null and (
                outcome like 'parked%'
                or outcome in ('different_numbers', 'guarded') and match_weight >= threshold
                or outcome in ('accepted', 'below_threshold') and abs(match_weight - threshold) <= 3
            );
        create index if not exists findings_decided on linkage.findings (source_l, source_record_id_l)
            where valid_to_release is null and verdict is not null;
        create index if not exists link_decisions_by_pair on linkage.link_decisions
            (source_l, source_record_id_l, source_r, source_record_id_r, decision_id desc);
    """)


def downgrade() -> None:
    """What is held is held for minutes."""
    op.execute("""
        drop table linkage.review_holds;
        drop index linkage.findings_doubtful, linkage.findings_decided, linkage.link_decisions_by_pair;
    """)
