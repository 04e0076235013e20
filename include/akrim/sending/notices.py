"""Signed statements in every outbox: recall, erasure or supersession of a release, and a new key.

They are kept in keys/statements, where the installation's own verification finds them too.
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import minisign

from akrim import ledger, warehouse
from akrim.contracts import recipients
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.full_disk import error_text
from akrim.keys import signing_key
from akrim.periods import today
from akrim.sending import mail, outbox
from akrim.sending.sent_statements import record_sent, sent_to
from akrim.settings import get_settings
from akrim.texts.errors import SaidError, require_reason
from akrim.trust import MANIFEST, Suffix, read_manifest
from akrim.trust.keyring import KeyFile, read_content, write_statement

log = logging.getLogger(__name__)


def recall_release(release_id: str, by: str, reason: str) -> None:
    """Recall a release: write a signed notice for each centre and set the status `recalled`.

    Args:
        by: who decides it.
        reason: why, without personal data; every centre can read it.

    Raises UserError where the release was never published, was erased or recalled already, or is not here, no reason is given, or what
    is in force is of the other world than the settings say.
    """
    require_reason(by, reason)
    require_data_mode()
    if not ledger.is_out(release_id):
        raise SaidError("release_never_published", "meta.releases", release=release_id)
    if ledger.is_erased(release_id):
        raise SaidError("release_erased", "meta.releases", release=release_id)
    _require_not_recalled(release_id)
    read_manifest(ledger.require_files(release_id))
    signing_key()  # where it is lost, or the manifest damaged, nobody could be told
    with warehouse.connect() as connection:
        reason = warehouse.without_person_numbers(connection, reason)
        connection.execute(
            "insert into meta.release_recalls (release_id, by_name, reason) values (%s, %s, %s)",
            [release_id, by, reason],
        )
        ledger.set_status(connection, release_id, "recalled")
    # After that: they may go out from now on, and tell of nothing that was not recorded.
    announce_recalls()


def announce_recalls() -> dict[str, str]:
    """Write the notices that are lacking of recalled releases: whoever recalled one may have been killed before all were written.

    Returns the releases whose centres cannot be told, each with the reason.
    """
    with warehouse.connect() as connection:
        recalled = connection.execute(RECALLED).fetchall()
    failed: dict[str, str] = {}
    for release_id, reason, day in recalled:
        failed |= _announce(release_id, {"statement": "recall", "reason": reason, "date": day})
    return failed


def _require_not_recalled(release_id: str) -> None:
    """Raise UserError where centres were told so: the reason that they have read is not taken back behind them."""
    known = ledger.history(release_id) or {}
    if known["status"] == "recalled":
        first = known["recalls"][0]
        said = {"date": first["recalled_at"][:10], "name": first["by_name"], "reason": first["reason"]}
        raise SaidError("release_recalled", "meta.release_recalls", release=release_id, **said)


def announce_supersession(release_id: str) -> dict[str, str]:
    """Write the notices that are lacking of the earlier revisions that this release supersedes; returns what `announce_recalls` does."""
    with warehouse.connect() as connection:
        earlier = connection.execute(
            "select older.release_id from meta.releases as older join meta.releases as newer using (period)"
            " where newer.release_id = %s and older.revision < newer.revision and older.status = 'superseded'",
            [release_id],
        ).fetchall()
    content = {"statement": "supersession", "superseded_by": release_id, "date": today().isoformat()}
    failed: dict[str, str] = {}
    for (older,) in earlier:
        failed |= _announce(older, content)
    return failed


def announce_erasure(folder: Path, centre_id: str, erased: dict[str, str]) -> None:
    """Write a notice that the centre's part of the release in the folder was erased: when, and why."""
    _write_for_centres(folder, {"statement": "erasure", **erased}, [centre_id])


def erasure_notice(release_id: str, centre_id: str) -> str:
    """The name of the file in which a centre is told that its part of a release was erased."""
    return _name("erasure", release_id, centre_id) + Suffix.STATEMENT


def post_statements() -> dict[str, str]:
    """Put unsent statements into the outboxes, and remove the sealed files of recalled and erased releases.

    Returns the centres that could not be reached, each with the reason.
    """
    failed: dict[str, str] = {}
    for path in sorted(statements_folder().glob(f"*{Suffix.STATEMENT}")):
        try:
            content = read_content(path)
        except UserError as error:
            failed[path.name] = str(error)
            continue
        for centre_id in [content["recipient"]] if "recipient" in content else recipients():
            try:
                _post(centre_id, path, content)
            except Exception as error:  # noqa: BLE001  # whatever a storage raises, the next centre is another matter
                log.warning("a notice to %s failed: %s", centre_id, type(error).__name__)
                failed[centre_id] = error_text(error)
    return failed


def statements_folder() -> Path:
    return get_settings().keys_path / KeyFile.STATEMENTS


def sign_statements(key: minisign.SecretKey) -> None:
    """Sign the statements again after the key was replaced."""
    for path in sorted(statements_folder().glob(f"*{Suffix.STATEMENT}")):
        content = read_content(path)
        if content["statement"] != "succession":
            write_statement(path.parent, path.name.removesuffix(Suffix.STATEMENT), content, key)


def _post(centre_id: str, path: Path, content: dict[str, Any]) -> None:
    """The signature is written first, so that no statement is ever there unsigned; what is signed anew is no news."""
    signature = path.with_name(path.name + Suffix.SIGNATURE)
    digest = hashlib.sha256(path.read_bytes() + signature.read_bytes()).hexdigest()
    before = sent_to(centre_id).get(path.name)
    if before == digest:
        return
    for source in (signature, path):
        with source.open("rb") as file:
            outbox.put(centre_id, source.name, file)
    if content["statement"] in ("recall", "erasure"):
        outbox.remove_release(centre_id, content["release_id"])
        if before is None and mail.has_mail(centre_id):
            mail.notify(centre_id, content["statement"], content["release_id"], path.name)
    with warehouse.connect() as connection:
        record_sent(connection, centre_id, path.name, digest)


def _announce(release_id: str, content: dict[str, Any]) -> dict[str, str]:
    """Write a statement about the release for each of its centres that has none yet; the signature is what is written last."""
    folder = get_settings().releases_path / release_id
    if not (folder / MANIFEST).exists():
        return {}
    try:
        centre_ids = [entry["centre_id"] for entry in read_manifest(folder)["centres"]]
    except UserError as error:
        return {release_id: str(error)}
    names = {centre_id: _name(content["statement"], release_id, centre_id) for centre_id in centre_ids}
    signatures = {
        centre_id: f"{name}{Suffix.STATEMENT}{Suffix.SIGNATURE}" for centre_id, name in names.items()
    }
    lacking = [c for c, signature in signatures.items() if not (statements_folder() / signature).exists()]
    if lacking:
        _write_for_centres(folder, content, lacking)
    return {}


def _write_for_centres(folder: Path, content: dict[str, Any], of: Sequence[str]) -> None:
    """Write a statement about the release in the folder for each of these centres, to be posted."""
    manifest = read_manifest(folder)
    key = signing_key()
    about = {"release_id": manifest["release_id"], "revision": manifest["revision"]}
    for centre_id in of:
        statement = content | about | {"recipient": centre_id}
        name = _name(content["statement"], manifest["release_id"], centre_id)
        write_statement(statements_folder(), name, statement, key)


def _name(statement: str, release_id: str, centre_id: str) -> str:
    return f"{statement}-{release_id}-{centre_id}"


RECALLED = """
select distinct on (release_id) release_id, reason, (recalled_at at time zone 'Europe/Oslo')::date::text
from meta.release_recalls join meta.releases using (release_id) where status = 'recalled' order by release_id, recalled_at
"""
