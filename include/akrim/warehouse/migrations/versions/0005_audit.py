"""The log of what is done with person data: events in a chain, whose data each was about, and the anchors in releases."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """What came before is not in the log."""
    op.execute("""
        create schema audit;
        comment on schema audit is 'What was done with person data, by whom, when and why; only ever added to.';

        create table audit.events (
            position bigint primary key,
            happened_at timestamptz not null,
            action text not null check (action in (
                'collection', 'alteration', 'consultation', 'disclosure', 'combination', 'erasure'
            )),
            login text not null,
            by_name text not null,
            purpose text not null,
            recipient text,
            agency text,
            release_id text,
            delivery_id text,
            detail jsonb not null,
            subjects_count bigint not null,
            subjects_sha256 text not null,
            previous_sha256 text not null,
            sha256 text not null
        );
        comment on table audit.events is
            'One row per event, in the order in which they were logged; `sha256` is of audit.content, which holds that of the '
            'event before. No personal data but the ids in audit.subjects.';

        create table audit.subjects (
            position bigint,
            person_id text,
            primary key (position, person_id)
        );
        create index on audit.subjects (person_id);
        comment on table audit.subjects is 'One row per event and person whose data it was about.';

        create table audit.anchors (
            release_id text primary key,
            position bigint not null,
            sha256 text not null
        );
        comment on table audit.anchors is
            'One row per release: the newest event when its number was assigned, which its signatures state.';
    """)


def downgrade() -> None:
    """The log is lost: export it first (`akrim audit export`). The anchors stay in the releases' signatures."""
    op.execute("drop schema audit cascade")
