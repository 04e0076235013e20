"""What reads from outside, each as a target that is given any bytes: it returns, or raises its own refusal.

Used by the fuzzer (`make fuzz`), by the replay of what it found, and by Hypothesis. No target needs a database.
"""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyrage
from akrim.commands.link.review_file import read_review_file
from akrim.contracts import centres, load_contracts
from akrim.contracts.reading import read_contract
from akrim.deliveries.inbox.manifest import check_agreement, check_extracts, read_manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers import UnreadableWorkbook, read_records, read_sheet
from akrim.errors import UserError
from akrim.releases.limits import read_limits
from akrim.retention.limits import require_limits
from akrim.sending.receipts import parse_receipt
from akrim.settings import get_settings, read_settings
from akrim.sharing.matrix_file import read_matrix
from akrim.trust import find_problems, signing
from akrim.trust.keyring import read_centre, read_content, read_trust
from akrim.trust.keyring.centre import read_seen
from akrim.trust.sealing import archives, read_recipients
from akrim.trust.sealing.identities import read_identities
from akrim.trust.sealing.unpacking import unpack

from tests.deliveries.readers.workbooks import SHEET_PART, sheet, write_workbook

IDENTITY = pyrage.x25519.Identity.from_str(
    "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33"
)
RELEASE = "2026-T1.1"


@dataclass(frozen=True)
class Target:
    """One reader.

    Args:
        run: reads the bytes; the folder is empty, its own, and emptied afterwards.
        refusals: what it may raise.
    """

    run: Callable[[bytes, Path], None]
    refusals: tuple[type[Exception], ...]

    def try_out(self, content: bytes, folder: Path) -> bool:
        """Whether the bytes were read; False where they were refused."""
        try:
            self.run(content, folder)
        except self.refusals:
            return False
        return True


def manifest(content: bytes, _: Path) -> None:
    """A delivery's manifest.json."""
    read = read_manifest(content)
    check_extracts(read, check_agreement(read, load_contracts()))


def csv_file(content: bytes, folder: Path) -> None:
    """The same bytes as each of the agreed kinds of delimited text."""
    for agency, extract in (("nav", "saker"), ("arbeidstilsynet", "tilsyn"), ("politiet", "involverte")):
        with suppress(Refusal):
            _read(content, folder / "x.csv", agency, extract)


def json_lines(content: bytes, folder: Path) -> None:
    """The bytes as they are, and as what a sound gzip file holds."""
    with suppress(Refusal):
        _read(content, folder / "x.jsonl.gz", "brreg", "enheter")
    _read(gzip.compress(content, 1, mtime=0), folder / "y.jsonl.gz", "brreg", "enheter")


def parquet(content: bytes, folder: Path) -> None:
    _read(content, folder / "x.parquet", "skatteetaten", "personer")


def workbook(content: bytes, folder: Path) -> None:
    """The bytes as a file, and as the sheet of a sound one."""
    path = folder / "x.xlsx"
    if content[:2] == b"PK":
        path.write_bytes(content)
        read_sheet(path, "beslutninger")
        return
    write_workbook(path, sheet("X")).touch()
    with zipfile.ZipFile(path) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()} | {SHEET_PART: content}
    with zipfile.ZipFile(path, "w") as changed:
        for name, part in parts.items():
            changed.writestr(name, part)
    read_sheet(path)


def archive(content: bytes, folder: Path) -> None:
    """The bytes as a tar that was sealed: nothing of it may lie outside its folder."""
    inside = folder / "in" / "side"
    try:
        unpack(io.BytesIO(content), inside, "x")
    finally:
        if {path.name for path in folder.iterdir()} - {"in"}:
            raise AssertionError("written outside the folder")


def sealed(content: bytes, folder: Path) -> None:
    """The bytes as a file that was sealed with age, and as what somebody sealed."""
    path = folder / "x.tar.age"
    path.write_bytes(content)
    archives.unseal(path, [IDENTITY], io.BytesIO())


def receipt(content: bytes, _: Path) -> None:
    """A centre's receipt; None is its refusal."""
    found = parse_receipt(content)
    if found is not None and found["recipient"] not in centres():
        raise AssertionError("no centre")


def settings(content: bytes, folder: Path) -> None:
    """The bytes as akrim.toml, and as a setting that is JSON."""
    (folder / "akrim.toml").write_bytes(content)
    before = Path.cwd()
    os.chdir(folder)
    try:
        read_settings()
    finally:
        os.chdir(before)


def json_setting(content: bytes, _: Path) -> None:
    """The bytes as the value of an environment variable."""
    os.environ["AKRIM_NOTIFY"] = content.replace(b"\0", b"").decode("utf-8", "surrogateescape")
    try:
        read_settings()
    finally:
        del os.environ["AKRIM_NOTIFY"]


def key_files(content: bytes, folder: Path) -> None:
    """The bytes as each file of keys; every one is tried, whatever another says."""
    path = folder / "key"
    path.write_bytes(content)
    (folder / "key.minisig").write_bytes(content)
    (folder / "centre.txt").write_bytes(content)
    (folder / "seen.json").write_bytes(content)
    tried: tuple[Callable[[], object], ...] = (
        lambda: signing.read_public_key(path),
        lambda: signing.read_secret_key(path),
        lambda: read_recipients(path),
        lambda: read_identities(path),
        lambda: signing.stated_head(path),
        lambda: signing.is_signed(b"x", content, path),
        lambda: read_centre(folder),
        lambda: read_seen(folder),
    )
    for attempt in tried:
        with suppress(UserError):
            attempt()


def release_manifest(content: bytes, folder: Path) -> None:
    """The bytes as a release's manifest and as a centre's."""
    centre = folder / RELEASE / "oslo"
    centre.mkdir(parents=True)
    (centre / "manifest.json").write_bytes(content)
    (folder / RELEASE / "manifest.json").write_bytes(content)
    (centre / "x.html").write_bytes(b"<p>")
    for path in (centre, folder / RELEASE):
        for problem in find_problems(path):
            if not str(problem).isprintable():
                raise AssertionError("not printable")


def statement(content: bytes, folder: Path) -> None:
    """The bytes as a notice with a signature that fits nothing, and as one that is kept."""
    path = folder / "recall-x.statement.json"
    path.write_bytes(content)
    (folder / "recall-x.statement.json.minisig").write_bytes(SIGNATURE)
    (folder / "signing.pub").write_bytes(PUBLIC)
    (folder / "successor.pub").write_bytes(PUBLIC)
    read_trust(folder, [folder])
    read_content(path)


def review_file(content: bytes, folder: Path) -> None:
    """A clerk's verdicts as CSV."""
    path = folder / "x.csv"
    path.write_bytes(content)
    read_review_file(path)


def limits_file(content: bytes, folder: Path) -> None:
    """An installation's own plausibility limits."""
    path = folder / "limits.yml"
    path.write_bytes(content)
    read_limits(path)


def sharing_file(content: bytes, folder: Path) -> None:
    """An installation's own sharing matrix."""
    path = folder / "sharing.yml"
    path.write_bytes(content)
    read_matrix(path)


def retention_file(content: bytes, folder: Path) -> None:
    """An installation's own limits of how long data are kept."""
    path = folder / "retention.yml"
    path.write_bytes(content)
    os.environ["AKRIM_RETENTION"] = str(path)
    get_settings.cache_clear()
    try:
        require_limits()
    finally:
        del os.environ["AKRIM_RETENTION"]
        get_settings.cache_clear()


def contract(content: bytes, folder: Path) -> None:
    """A further agency's contract."""
    path = folder / "toll.yaml"
    path.write_bytes(content)
    read_contract(path)


def _read(content: bytes, path: Path, agency: str, extract: str) -> None:
    """Read the file, with the extract's refusals; small limits, so that what is beyond them is soon tried."""
    path.write_bytes(content)
    rows = 0
    for batch in read_records(path, path.name, load_contracts()[agency].extract(extract), is_delta=False):
        batch.validate(full=True)
        rows += batch.num_rows
    if rows > max(1_000_000, len(content) * 1_100):
        raise AssertionError("more rows than so few bytes can hold")


PUBLIC = b"untrusted comment: x\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n"
SIGNATURE = (
    b"untrusted comment: signature from minisign secret key\n"
    b"RWQf6LRCGA9i59SLOFxz6NxvASXDJeRtuZykwQepbDEGt87ig1BNpWaVWuNrm73YiIiJbq71Wi+dP9eKL8OC351vwIasSSbXxwA=\n"
    b"trusted comment: timestamp:1555779966\tfile:test\n"
    b"QtKMXWyYcwdpZAlPF7tE2ENJkRd1ujvKjlj1m9RtHTBnZPa5WKU5uWRs5GoP5M/VqE81QFuMKI5k/SfNQUaOAA==\n"
)

TARGETS = {
    "manifest": Target(manifest, (Refusal,)),
    "csv": Target(csv_file, (Refusal,)),
    "json-lines": Target(json_lines, (Refusal,)),
    "parquet": Target(parquet, (Refusal,)),
    "workbook": Target(workbook, (UnreadableWorkbook,)),
    "archive": Target(archive, (UserError,)),
    "sealed": Target(sealed, (UserError,)),
    "receipt": Target(receipt, ()),
    "settings": Target(settings, (UserError,)),
    "json-setting": Target(json_setting, (UserError,)),
    "keys": Target(key_files, ()),
    "release-manifest": Target(release_manifest, (UserError,)),
    "statement": Target(statement, (UserError,)),
    "review-file": Target(review_file, (UserError,)),
    "limits-file": Target(limits_file, (UserError,)),
    "retention-file": Target(retention_file, (UserError,)),
    "sharing-file": Target(sharing_file, (UserError,)),
    "contract": Target(contract, (UserError,)),
}

if __name__ == "__main__":
    print(*TARGETS)
