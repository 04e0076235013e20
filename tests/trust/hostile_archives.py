"""Malicious archives that anybody with a centre's public key could seal; small, and each made by code.

Each is the bytes of a tar as it would lie under the seal.
"""

import io
import tarfile
from collections.abc import Callable

TERABYTE = 1 << 40
FOLDER = "2026-T1.1/oslo"
MANIFEST = f"{FOLDER}/manifest.json"


def _tar(*entries: tuple[tarfile.TarInfo, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as archive:
        for entry, content in entries:
            entry.size = entry.size or len(content)
            archive.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


def files(content: dict[str, bytes], form: int = tarfile.USTAR_FORMAT) -> bytes:
    """Plain files by name."""
    return _tar(*((tarfile.TarInfo(name), raw) for name, raw in content.items()), form=form)


def _header(name: str, kind: bytes, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    return entry.tobuf(tarfile.GNU_FORMAT)


def _checked(header: bytearray) -> bytes:
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def old_sparse() -> bytes:
    """GNU's own kind of entry: one block of content, and a terabyte when it is unpacked."""
    header = bytearray(_header(MANIFEST, tarfile.GNUTYPE_SPARSE, 512))
    header[386:410] = b"%011o\0%011o\0" % (0, 512)
    header[483:495] = b"\x80" + TERABYTE.to_bytes(11, "big")
    return _checked(header) + b"x" * 512 + bytes(1024)


def pax_sparse() -> bytes:
    """The same by extended headers, in which the entry is of the plain kind."""
    entry = tarfile.TarInfo(MANIFEST)
    entry.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.realsize": str(TERABYTE),
    }
    return _tar((entry, b"1\n0\n0\n" + bytes(506)), form=tarfile.PAX_FORMAT)


def global_headers() -> bytes:
    """Thousands of global headers, each of which a recursive reader reads inside the one before."""
    record = b"20 comment=xxxxxxxx\n"
    one = _header("x", tarfile.XGLTYPE, len(record)) + record.ljust(512, b"\0")
    return one * 3000 + files({MANIFEST: b"{}"})


def longest_name() -> bytes:
    """A name of 48 MiB, which is read in one piece."""
    size = 48 << 20
    return _header("././@LongLink", tarfile.GNUTYPE_LONGNAME, size) + b"x" * size + files({"x": b""})


def many_files() -> bytes:
    """More files than a folder wants, and not a byte in them."""
    one = bytearray(_header("0" * 8, tarfile.REGTYPE, 0))
    made = []
    for number in range(20_000):
        one[:8] = b"%08d" % number
        made.append(_checked(one))
    return b"".join(made) + bytes(1024)


def named(name: str) -> Callable[[], bytes]:
    """A file of that name beside a manifest."""
    return lambda: files({MANIFEST: b"{}", name: b"x"}, tarfile.GNU_FORMAT)


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a sparse entry of a terabyte": ("outside", old_sparse),
    "a sparse entry of a terabyte, by extended headers": ("outside", pax_sparse),
    "a plain entry that claims a terabyte": ("altered", lambda: _header(MANIFEST, tarfile.REGTYPE, TERABYTE) + b"x" * 512),
    "an entry of less than nothing": ("altered", lambda: _header(MANIFEST, tarfile.REGTYPE, -1)),
    "global headers one inside the other": ("outside", global_headers),
    "a name of 48 MiB": ("outside", longest_name),
    "20,000 empty files": ("too_large", many_files),
    "a path of 2,000 folders": ("outside", named("a/" * 2000 + "x")),
    "a name of 5,000 letters": ("outside", named(f"{FOLDER}/" + "x" * 5000)),
    "a file where a folder is due": ("outside", lambda: files({FOLDER: b"x", MANIFEST: b"{}"})),
    "a file where a release's folder is due": ("outside", lambda: files({"2026-T1.1": b"x", MANIFEST: b"{}"})),
    "a folder where a file is due": ("outside", lambda: files({MANIFEST: b"{}", FOLDER: b"x"})),
    "one name twice": ("outside", lambda: files({MANIFEST: b"{}"})[:-9216] + files({MANIFEST: b"{}"})),
    "one name in two cases": ("outside", lambda: files({MANIFEST: b"{}", MANIFEST.replace("m", "M"): b"{}"})),
    "a name that acts on a terminal": ("outside", named(f"{FOLDER}/\x1b]0;x\x07")),
    "a name of no characters": ("outside", named("")),
    "no archive": ("altered", lambda: b"Kjaere senter! " * 100),
    "the beginning of an archive": ("altered", lambda: files({MANIFEST: b"{}" * 1000})[:600]),
    "nothing": ("extra", bytes),
}  # fmt: skip
# Manifests that no signature covers, read to find out whose archive it is.
MANIFESTS: dict[str, bytes] = {
    "nested 200,000 times": b'{"files": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "objects nested 200,000 times": b'{"files":' * 200_000 + b"1" + b"}" * 200_000,
    "a list": b"[]",
    "files that are none": b'{"files": 7}',
    "files without a path": b'{"files": [{"path": null, "bytes": 1, "sha256": ""}]}',
    "half a character": b'{"files": [], "release_id": "\\ud800"}',
    "an id that is a list": b'{"files": [], "release_id": [[]], "recipient": {}}',
    "a number of 5,000 digits": b'{"files": [], "revision": ' + b"9" * 5000 + b"}",
    "not UTF-8": b'{"files": "\xff"}',
    "17 MiB": b'{"files": [], "x": "' + b"x" * (17 << 20) + b'"}',
}
