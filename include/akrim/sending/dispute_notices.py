"""Notices of disputes: signed, and sealed for each centre that has the disputed fact in a release in force.

A correction case takes effect in the next release, but centres must know at once. Each run works out which notices are
due; a notice is sent again if a key changed, and removed from the outbox when it is due no more: corrections.json of the
release that came instead tells of the case, or it is closed, or its person was erased.
"""

import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator
from typing import Any

from akrim import audit, corrections, warehouse
from akrim.contracts import centres
from akrim.corrections import disputes_in
from akrim.full_disk import error_text
from akrim.keys import signing_key
from akrim.keys.centres import recipients_for
from akrim.scratch_folders import scratch_folder
from akrim.sending import mail, outbox
from akrim.sending.sent_statements import record_gone, record_sent, sent_to
from akrim.settings import get_settings
from akrim.texts import said_in, texts
from akrim.trust import Suffix, sealing, signing
from akrim.trust.keyring import write_statement

log = logging.getLogger(__name__)


def send_dispute_notices(in_force: list[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Send the notices that are due about the releases in force.

    Returns the cases notified now, by centre, and the centres that could not be reached, each with the reason.
    """
    notified: dict[str, list[str]] = {}
    failed: dict[str, str] = {}
    for centre_id in centres():
        try:
            due = list(_notices_due(centre_id, in_force))
            _remove_all_but(centre_id, {_name(notice["case_id"]) for notice in due})
            recipients = recipients_for(centre_id)
            for notice in due if recipients.keys else ():
                if _send(centre_id, list(recipients.keys), notice):
                    notified.setdefault(centre_id, []).append(notice["case_id"])
        except Exception as error:  # noqa: BLE001  # whatever a storage raises, the next centre is another matter
            log.warning("a notice to %s failed: %s", centre_id, type(error).__name__)
            failed[centre_id] = error_text(error)
    return notified, failed


def _notices_due(centre_id: str, in_force: list[str]) -> Iterator[dict[str, Any]]:
    with warehouse.connect() as connection:
        cases = [case for case in corrections.cases(connection) if case["state"] == "open"]
        concerned = disputes_in(connection, cases, in_force, centre_id)
    for case in concerned:
        words = {"since": case["disputed_since"], "releases": ", ".join(case["sent_in"])}
        told = {
            f"told_{language}": texts(language, "messages")["disputed"].format(**words)
            for language in said_in(get_settings().language)
        }
        yield {"statement": "correction", "recipient": centre_id, **case, **told}


def _send(centre_id: str, keys: list[str], notice: dict[str, Any]) -> bool:
    """Send a notice unless it was sent for the same keys; returns whether it was."""
    key = signing_key()
    by = signing.key_id(key.get_public_key())
    content = json.dumps([notice, sorted(keys), by], sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    name = _name(notice["case_id"])
    if sent_to(centre_id).get(name) == digest:
        return False
    home = str(get_settings().home)
    with scratch_folder("scratch-notice-", home) as folder, tempfile.TemporaryFile() as sealed:
        write_statement(folder, f"correction-{notice['case_id']}-{centre_id}", notice, key)
        outbox.seal(folder, notice["case_id"], sealing.FIRST_DAY, keys, sealed)
        outbox.put(centre_id, name, sealed)
    with warehouse.connect() as connection:
        record_sent(connection, centre_id, name, digest)
        told = {"means": "notice", "case_id": notice["case_id"]}
        event = audit.Event("disclosure", recipient=centre_id, detail=told, persons=notice["person_ids"])
        audit.record(connection, event)
    if mail.has_mail(centre_id):
        mail.notify(centre_id, "correction", notice["case_id"], name)
    return True


def _remove_all_but(centre_id: str, names: set[str]) -> None:
    for name in sent_to(centre_id):
        if name.endswith(Suffix.NOTICE) and name not in names:
            outbox.remove(centre_id, name)
            record_gone(centre_id, name)


def _name(case_id: str) -> str:
    return f"correction-{case_id}{Suffix.NOTICE}"
