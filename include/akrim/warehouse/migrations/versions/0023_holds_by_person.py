"""A release that a person holds, with name and reason; and each time that one was let go, since it may be held again after."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("""
        alter table meta.release_holds add column by_name text, add column given_reason text;
        comment on column meta.release_holds.by_name is 'Who holds it; empty where a limit does.';
        comment on column meta.release_holds.given_reason is 'Why, as that person wrote it.';
        alter table meta.release_approvals drop constraint release_approvals_pkey,
            add primary key (release_id, fingerprint, approved_at);
    """)


def downgrade() -> None:
    """What a person holds is held until its limits are checked again, and of each release's approvals the last stays."""
    op.execute("""
        drop view if exists meta.approvals_in_force cascade;
        alter table meta.release_holds drop column by_name, drop column given_reason;
        delete from meta.release_approvals as a using meta.release_approvals as later
        where (a.release_id, a.fingerprint) = (later.release_id, later.fingerprint) and a.approved_at < later.approved_at;
        alter table meta.release_approvals drop constraint release_approvals_pkey, add primary key (release_id, fingerprint);
    """)
