"""Delivery: what is in force reaches every centre's outbox, each centre is told, and receipts are read back.

Everything that is due is found anew each time, so a run that failed half-way is made good by the next.
"""

from dataclasses import dataclass, field
from typing import Any

from akrim import warehouse
from akrim.sending import dispute_notices, mail, notices, outbox, receipts

# The newest by number and the newest by cut-off date: one release, or two where an earlier period was corrected.
IN_FORCE = """
select release_id from meta.releases where status = 'published' and (
    serial = (select max(serial) from meta.releases where status = 'published')
    or as_of = (select max(as_of) from meta.releases where status = 'published')
) order by serial
"""
NOT_TOLD = """
select release_id, centre_id from meta.sent_releases join meta.releases using (release_id)
where status = 'published' and notified_at is null order by release_id, centre_id
"""


@dataclass
class Delivered:
    """What was due: centres by release that were sent it now, cases by centre, those without keys, and what failed."""

    sent: dict[str, list[str]] = field(default_factory=dict)
    without_keys: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    told_of_disputes: dict[str, list[str]] = field(default_factory=dict)
    bad_receipts: list[str] = field(default_factory=list)
    missing_receipts: list[dict[str, Any]] = field(default_factory=list)


def deliver(*, again: bool = False) -> Delivered:
    """Send what is due, tell the centres, and read their receipts.

    Args:
        again: also send what was sent before, such as after an outbox was lost.
    """
    delivered = Delivered()
    current = in_force()
    for release_id in current:
        notices.supersede_earlier(release_id)
        sending = outbox.send(release_id, again=again)
        delivered.sent[release_id] = sending.sent
        delivered.without_keys = sending.without_keys
        delivered.failed |= sending.failed
    delivered.failed |= notices.post_all()
    delivered.told_of_disputes, unreached = dispute_notices.post_disputes(current)
    delivered.failed |= unreached
    delivered.failed |= _tell_by_mail()
    delivered.bad_receipts = receipts.read_receipts()
    delivered.missing_receipts = receipts.missing()
    return delivered


def in_force() -> list[str]:
    """The releases that every centre should have."""
    with warehouse.connect() as connection:
        return [row[0] for row in connection.execute(IN_FORCE).fetchall()]


def _tell_by_mail() -> dict[str, str]:
    failed = {}
    with warehouse.connect() as connection:
        due = connection.execute(NOT_TOLD).fetchall()
    for release_id, centre_id in due:
        if not mail.is_told_by_mail(centre_id):
            continue
        try:
            mail.tell(centre_id, "release", release_id, outbox.sealed_name(release_id))
        except OSError as error:  # smtplib's errors are of this kind
            failed[centre_id] = f"mail: {type(error).__name__}"
            continue
        with warehouse.connect() as connection:
            connection.execute(
                "update meta.sent_releases set notified_at = now() where release_id = %s and centre_id = %s",
                [release_id, centre_id],
            )
    return failed
