"""Notices that something is disputed: signed, and sealed for each centre that has it in a release in force.

A case acts on the next release; a centre must know at once. What is due is found anew at every delivery: a notice for
each open case and centre, sent again where a key changed, and taken out of the outbox when the case is settled, since
corrections.json of the next release then tells the outcome.
"""

import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from akrim import corrections, warehouse
from akrim.corrections import disputes_in
from akrim.full_disk import told_why
from akrim.keys.recipients import centres, recipients_for
from akrim.keys.signing import signing_key
from akrim.sending import mail, outbox
from akrim.trust import sealing, signing
from akrim.trust.statements import NOTICE_SUFFIX, write_statement

log = logging.getLogger(__name__)

TOLD_NB = "Omstridt siden {since}. Ikke bygg på det i {releases} før en senere utgave forteller utfallet."
TOLD_EN = "Disputed since {since}. Do not rely on it in {releases} until a later release tells the outcome."


def post_disputes(in_force: list[str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Send what is due about the releases in force.

    Returns the cases that each centre was told of now, and the centres that could not be reached, each with the reason.
    """
    told: dict[str, list[str]] = {}
    failed: dict[str, str] = {}
    for centre_id in centres():
        try:
            _withdraw_settled(centre_id)
            recipients = recipients_for(centre_id)
            for notice in _due(centre_id, in_force) if recipients.keys else ():
                if _send(centre_id, list(recipients.keys), notice):
                    told.setdefault(centre_id, []).append(notice["case_id"])
        except Exception as error:  # noqa: BLE001  # whatever a storage raises, the next centre is another matter
            log.warning("a notice to %s failed: %s", centre_id, type(error).__name__)
            failed[centre_id] = told_why(error)
    return told, failed


def _due(centre_id: str, in_force: list[str]) -> Iterator[dict[str, Any]]:
    with warehouse.connect() as connection:
        cases = [case for case in corrections.cases(connection) if case["state"] == "open"]
        concerned = disputes_in(connection, cases, in_force, centre_id)
    for case in concerned:
        words = {"since": case["disputed_since"], "releases": ", ".join(case["sent_in"])}
        said = {"told_nb": TOLD_NB.format(**words), "told_en": TOLD_EN.format(**words)}
        yield {"statement": "correction", "recipient": centre_id, **case, **said}


def _send(centre_id: str, keys: list[str], notice: dict[str, Any]) -> bool:
    """Whether it was news: the same notice for the same keys is sent once."""
    key = signing_key()
    by = signing.key_id(key.get_public_key())
    content = json.dumps([notice, sorted(keys), by], sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    name = _name(notice["case_id"])
    if _sent(centre_id).get(name) == digest:
        return False
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as plain,
        tempfile.TemporaryFile() as sealed,
    ):
        write_statement(Path(folder), f"correction-{notice['case_id']}-{centre_id}", notice, key)
        sealing.pack(Path(folder), notice["case_id"], sealing.FIRST_DAY, plain)
        plain.seek(0)
        sealing.seal(plain, sealed, keys)
        outbox.put(centre_id, name, sealed)
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.sent_statements (centre_id, name, sha256) values (%s, %s, %s)"
            " on conflict (centre_id, name) do update set sha256 = excluded.sha256, sent_at = now()",
            [centre_id, name, digest],
        )
    if mail.is_told_by_mail(centre_id):
        mail.tell(centre_id, "correction", notice["case_id"], name)
    return True


def _withdraw_settled(centre_id: str) -> None:
    with warehouse.connect() as connection:
        is_open = {
            _name(case["case_id"]) for case in corrections.cases(connection) if case["state"] == "open"
        }
    for name in _sent(centre_id):
        if name.endswith(NOTICE_SUFFIX) and name not in is_open:
            outbox.withdraw(centre_id, name)


def _sent(centre_id: str) -> dict[str, str]:
    with warehouse.connect() as connection:
        return dict(
            connection.execute(
                "select name, sha256 from meta.sent_statements where centre_id = %s", [centre_id]
            ).fetchall()
        )


def _name(case_id: str) -> str:
    return f"correction-{case_id}{NOTICE_SUFFIX}"
