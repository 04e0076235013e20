"""Statements to the centres beside their releases: a recall, an erasure, a supersession, a new key; each signed, in every outbox.

They are kept under keys/statements, where the installation's own checks find them too, and posted from there.
"""

import hashlib
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import minisign

from akrim import ledger, warehouse
from akrim.errors import UserError
from akrim.full_disk import told_why
from akrim.keys.recipients import centres
from akrim.keys.signing import signing_key
from akrim.sending import mail, outbox
from akrim.settings import get_settings
from akrim.trust.files import MANIFEST, read_manifest
from akrim.trust.signing import SUFFIX as SIGNED
from akrim.trust.statements import SUFFIX, read_content, write_statement

log = logging.getLogger(__name__)


def recall(release_id: str, by: str, reason: str) -> None:
    """Take a release back: a signed notice for each centre, and the ledger's word that it is no longer in force.

    Args:
        by: who decides it.
        reason: why, in words that every centre may read; no personal data.

    Raises UserError where the release was never out.
    """
    folder = get_settings().releases_path / release_id
    if ledger.load(release_id).serial is None or not (folder / MANIFEST).exists():
        raise UserError(
            f"{release_id} was never published.", "meta.releases", "`akrim releases list` shows them."
        )
    write_for_everyone(folder, {"statement": "recall", "reason": reason, "date": today()})
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.release_recalls (release_id, by_name, reason) values (%s, %s, %s)",
            [release_id, by, reason],
        )
    ledger.set_status(release_id, "recalled")


def supersede_earlier(release_id: str) -> None:
    """Write a notice that this release has taken the place of each earlier revision of its period."""
    with warehouse.connect() as connection:
        earlier = connection.execute(
            "select older.release_id from meta.releases as older join meta.releases as newer using (period)"
            " where newer.release_id = %s and older.revision < newer.revision and older.status = 'superseded'",
            [release_id],
        ).fetchall()
    for (older,) in earlier:
        folder = get_settings().releases_path / older
        is_told = any(statements_folder().glob(f"supersession-{older}-*{SUFFIX}"))
        if (folder / MANIFEST).exists() and not is_told:
            said = {"statement": "supersession", "superseded_by": release_id, "date": today()}
            write_for_everyone(folder, said)


def post_all() -> dict[str, str]:
    """Post what a centre was not sent yet; a recalled release's sealed file leaves the outbox at the same time.

    Returns the centres that could not be reached, each with the reason.
    """
    failed: dict[str, str] = {}
    for path in sorted(statements_folder().glob(f"*{SUFFIX}")):
        try:
            said = read_content(path)
        except UserError as error:
            failed[path.name] = str(error)
            continue
        for centre_id in [said["recipient"]] if "recipient" in said else centres():
            try:
                _post(centre_id, path, said)
            except Exception as error:  # noqa: BLE001  # whatever a storage raises, the next centre is another matter
                log.warning("a notice to %s failed: %s", centre_id, type(error).__name__)
                failed[centre_id] = told_why(error)
    return failed


def statements_folder() -> Path:
    return get_settings().keys_path / "statements"


def sign_again(key: minisign.SecretKey) -> None:
    """Sign the recalls and supersessions again, after the key was replaced."""
    for path in sorted(statements_folder().glob(f"*{SUFFIX}")):
        said = read_content(path)
        if said["statement"] != "succession":
            write_statement(path.parent, path.name.removesuffix(SUFFIX), said, key)


def _post(centre_id: str, path: Path, said: dict[str, Any]) -> None:
    """Put it there, the signature first, so that none ever lies unsigned."""
    signature = path.with_name(path.name + SIGNED)
    digest = hashlib.sha256(path.read_bytes() + signature.read_bytes()).hexdigest()
    if not _is_news(centre_id, path.name, digest):
        return
    for source in (signature, path):
        with source.open("rb") as file:
            outbox.put(centre_id, source.name, file)
    if said["statement"] in ("recall", "erasure"):
        outbox.withdraw(centre_id, outbox.sealed_name(said["release_id"]))
        if mail.is_told_by_mail(centre_id):
            mail.tell(centre_id, said["statement"], said["release_id"], path.name)
    with warehouse.connect() as connection:
        connection.execute(
            "insert into meta.sent_statements (centre_id, name, sha256) values (%s, %s, %s)"
            " on conflict (centre_id, name) do update set sha256 = excluded.sha256, sent_at = now()",
            [centre_id, path.name, digest],
        )


def _is_news(centre_id: str, name: str, digest: str) -> bool:
    with warehouse.connect() as connection:
        row = connection.execute(
            "select sha256 from meta.sent_statements where centre_id = %s and name = %s", [centre_id, name]
        ).fetchone()
    return row != (digest,)


def write_for_everyone(folder: Path, said: dict[str, Any]) -> None:
    """Write what is said of the release in the folder, once for each of its centres, so that it is posted."""
    manifest = read_manifest(folder)
    key = signing_key()
    about = {"release_id": manifest["release_id"], "revision": manifest["revision"]}
    for centre in manifest["centres"]:
        name = f"{said['statement']}-{manifest['release_id']}-{centre['centre_id']}"
        content = said | about | {"recipient": centre["centre_id"]}
        write_statement(statements_folder(), name, content, key)


def today() -> str:
    """The date that a statement bears."""
    return datetime.now(UTC).date().isoformat()
