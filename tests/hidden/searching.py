"""Everything that a file or a table tells, whatever its format: what is packed is unpacked, what is sealed is opened."""

import contextlib
import gzip
import html
import io
import json
import re
import sqlite3
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pyrage
from akrim.trust.sealing.identities import read_identities
from psycopg import sql

from tests.hidden.canaries import Canary
from tests.releases.reading import text_of_bytes

RELATIONS = """
select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'm', 'v') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2
"""
CODED = re.compile(r"\\\\?u([0-9a-f]{4})")
HEX = re.compile(r"\\\\?x((?:[0-9a-f]{2}){4,})")
Found = set[tuple[str, str]]


class Search:
    """Collects which kinds of canaries lie where.

    Args:
        canaries: what to look for.
        keys: folders of centres' keys, which open what was sealed for them.
    """

    def __init__(self, canaries: Iterable[Canary], keys: Iterable[Path] = ()) -> None:
        self._kinds: dict[str, str] = {canary.value: canary.kind for canary in canaries}
        self._any = re.compile(
            "|".join(re.escape(value) for value in sorted(self._kinds, key=len, reverse=True))
        )
        self._identities = [
            identity for folder in keys for identity in read_identities(folder / "identity.txt")
        ]
        self.values: set[tuple[str, str]] = {(kind, value) for value, kind in self._kinds.items()}
        self.found: Found = set()
        self.places: set[str] = set()

    def text(self, place: str, text: str) -> None:
        """Search one text at a place."""
        self.places.add(place)
        for value in self._any.findall(plain(text)):
            self.found.add((self._kinds[value], place))

    def content(self, place: str, content: bytes) -> None:
        """Search a file's content at a place."""
        self.places.add(place)
        for text in self._texts(content):
            self.text(place, text)

    def folder(self, place: str, root: Path, *, but: Iterable[Path] = ()) -> None:
        """Search every file below, its name too."""
        for path in sorted(root.rglob("*")):
            if path.is_file() and not path.is_symlink() and not any(left in path.parents for left in but):
                name = f"{place}/{path.relative_to(root).as_posix()}"
                self.text(name, path.name)
                self.content(name, path.read_bytes())

    def database(self, place: str, address: str) -> None:
        """Search every row of every table and view."""
        with psycopg.connect(address) as connection:
            for schema, name in connection.execute(RELATIONS).fetchall():
                rows = connection.execute(
                    sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, name))
                )
                self.text(f"{place} {schema}.{name}", "\n".join(row[0] or "" for row in rows))

    def _texts(self, content: bytes) -> Iterator[str]:
        for magic, reads in READERS.items():
            if content.startswith(magic):
                yield from reads(self, content)
                return
        is_tar = content[257:262] == b"ustar"
        yield from self._of_tar(content) if is_tar else self._of_bytes(content)

    def _of_pdf(self, content: bytes) -> Iterator[str]:
        yield text_of_bytes(content)

    def _of_zip(self, content: bytes) -> Iterator[str]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name
                yield from self._texts(archive.read(name))

    def _of_gzip(self, content: bytes) -> Iterator[str]:
        yield from self._texts(gzip.decompress(content))

    def _of_parquet(self, content: bytes) -> Iterator[str]:
        table = pq.read_table(io.BytesIO(content))
        yield f"{table.schema.metadata} {json.dumps(table.to_pylist(), default=str, ensure_ascii=False)}"

    def _of_arrow(self, content: bytes) -> Iterator[str]:
        yield str(pa.ipc.open_file(content).read_all().to_pylist())

    def _of_age(self, content: bytes) -> Iterator[str]:
        yield from self._texts(pyrage.decrypt(content, self._identities))

    def _of_tar(self, content: bytes) -> Iterator[str]:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for entry in archive:
                yield entry.name
                file = archive.extractfile(entry)
                yield from self._texts(file.read() if file else b"")

    def _of_sqlite(self, content: bytes) -> Iterator[str]:
        with sqlite3.connect(":memory:") as connection:
            # One that kept a log beside it says so in two bytes, and cannot be read from memory with them.
            connection.deserialize(content[:18] + b"\1\1" + content[20:])
            for (name,) in connection.execute(
                "select name from sqlite_master where type = 'table'"
            ).fetchall():
                for row in connection.execute(f'select * from "{name}"'):
                    for value in row:
                        yield from self._texts(value) if isinstance(value, bytes) else [str(value)]
        connection.close()

    def _of_bytes(self, content: bytes) -> Iterator[str]:
        """Text in any of the usual encodings; what may be deflated is inflated."""
        yield content.decode("utf-8", errors="replace")
        yield content.decode("latin-1")
        if b"\0" in content:
            yield content.decode("utf-16-le", errors="replace")
        if content[:1] == b"\x78":
            with contextlib.suppress(zlib.error):
                yield from self._texts(zlib.decompress(content))


READERS: dict[bytes, Callable[[Search, bytes], Iterator[str]]] = {
    b"%PDF": Search._of_pdf,
    b"PK\3\4": Search._of_zip,
    b"\x1f\x8b": Search._of_gzip,
    b"PAR1": Search._of_parquet,
    b"ARROW1": Search._of_arrow,
    b"age-encryption.org": Search._of_age,
    b"SQLite format 3": Search._of_sqlite,
}


def plain(text: str) -> str:
    """In lower case, composed, without escapes of JSON, HTML and PostgreSQL's bytes."""
    text = html.unescape(text.lower())
    text = CODED.sub(lambda code: chr(int(code[1], 16)), text)
    text = HEX.sub(lambda code: code[0] + bytes.fromhex(code[1]).decode("utf-8", errors="replace"), text)
    return unicodedata.normalize("NFC", text).lower()
