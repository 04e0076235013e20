"""Sends what is due: releases in force, notices and mails; keeps the mirror; and reads receipts.

Each run works out what is due, so a run that failed half-way is completed by the next.
"""

from dataclasses import dataclass, field
from typing import Any

from akrim import warehouse
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.sending import dispute_notices, mail, notices, outbox, receipts
from akrim.sending.agencies import send_receipts
from akrim.sending.mirror import keep_mirror
from akrim.settings import get_settings

# The newest by number and the newest by cut-off date: one release, or two where an earlier period was corrected.
IN_FORCE = """
select release_id from meta.releases where status = 'published' and (
    serial = (select max(serial) from meta.releases where status = 'published')
    or as_of = (select max(as_of) from meta.releases where status = 'published')
) order by serial
"""
NOT_NOTIFIED = """
select release_id, centre_id from meta.sent_releases join meta.releases using (release_id)
where status = 'published' and notified_at is null order by release_id, centre_id
"""


@dataclass
class SendingSummary:
    """What was sent now, to whom, and what failed."""

    sent: dict[str, list[str]] = field(default_factory=dict)
    without_keys: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    mirrored: list[str] = field(default_factory=list)
    dispute_notices: dict[str, list[str]] = field(default_factory=dict)
    bad_receipts: list[str] = field(default_factory=list)
    missing_receipts: list[dict[str, Any]] = field(default_factory=list)

    def require_all(self) -> None:
        """Raises UserError if something did not reach a centre or the mirror."""
        if self.failed:
            said = ((name, why.replace("\n", "\n  ")) for name, why in self.failed.items())
            told = "".join(f"\n  {name}: {why}" for name, why in said)
            settings = get_settings()
            raise UserError(
                f"Not everything arrived:{told}",
                ", ".join(filter(None, (settings.outbox_address, settings.releases_mirror))),
                "What was sent stays sent. Once the above is put right, `akrim releases deliver` tries again.",
            )


def deliver(*, again: bool = False) -> SendingSummary:
    """Send what is due, and read receipts; whoever else sends just now is waited for, so that nothing is sent twice.

    Args:
        again: also send what was sent before, such as after an outbox was lost, and look at all content of the mirror.

    Raises UserError where what is in force is of the other world than the settings say: made-up keys would be made for real people's data.
    """
    require_data_mode()
    with warehouse.connect() as connection:
        connection.execute("select pg_advisory_lock(hashtext('akrim.sending'))")
        connection.commit()  # it is held until the connection ends
        return _send_due(again=again)


def _send_due(*, again: bool) -> SendingSummary:
    summary = SendingSummary()
    current = in_force()
    for release_id in current:
        summary.failed |= notices.announce_supersession(release_id)
        result = outbox.send_release(release_id, again=again)
        if result.sent:
            summary.sent[release_id] = result.sent
        summary.without_keys = result.without_keys
        summary.failed |= result.failed
    summary.failed |= notices.announce_recalls()
    summary.failed |= notices.post_statements()
    summary.dispute_notices, unreached = dispute_notices.send_dispute_notices(current)
    summary.failed |= unreached
    summary.failed |= send_receipts(nominations_alone=True).failed
    summary.failed |= _send_mails()
    mirrored = keep_mirror(current, again=again)
    summary.mirrored = mirrored.releases
    summary.failed |= mirrored.failed
    summary.bad_receipts = receipts.read_receipts()
    summary.missing_receipts = receipts.missing_receipts()
    return summary


def in_force() -> list[str]:
    """The releases that every centre should have."""
    with warehouse.connect() as connection:
        return [row[0] for row in connection.execute(IN_FORCE).fetchall()]


def _send_mails() -> dict[str, str]:
    failed = {}
    with warehouse.connect() as connection:
        due = connection.execute(NOT_NOTIFIED).fetchall()
    for release_id, centre_id in due:
        if not mail.has_mail(centre_id):
            continue
        try:
            mail.notify(centre_id, "release", release_id, outbox.sealed_name(release_id))
        except OSError as error:  # smtplib's errors are of this kind
            failed[centre_id] = f"mail: {type(error).__name__}"
            continue
        with warehouse.connect() as connection:
            connection.execute(
                "update meta.sent_releases set notified_at = now() where release_id = %s and centre_id = %s",
                [release_id, centre_id],
            )
    return failed
