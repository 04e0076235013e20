"""The search finds what is planted: in each format of file, in each kind of column, in what a process is given."""

import base64
import gzip
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pyrage
import pytest
import typst
from akrim.trust.sealing import create_identity
from openpyxl import Workbook
from openpyxl.comments import Comment

from tests.hidden.canaries import Canary
from tests.hidden.searching import Search
from tests.hidden.test_what_leaves import is_here
from tests.hidden.watching import Watch

VALUE = "kvifugl"
CANARIES = [Canary("bird", VALUE), Canary("bird", "fjøshøne")]


def _zip(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return sink.getvalue()


def _tar(content: bytes) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return sink.getvalue()


def _workbook(where: str) -> bytes:
    book, sink = Workbook(), io.BytesIO()
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "veryHidden"
    if where == "cell of a hidden sheet":
        hidden["A1"] = VALUE
    elif where == "comment":
        hidden["A1"].comment = Comment(VALUE, "somebody")
    else:
        book.properties.keywords = VALUE
    book.save(sink)
    return sink.getvalue()


def _parquet(value: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([value])}), sink, compression="zstd")
    return sink.getvalue()


def _arrow() -> bytes:
    sink = io.BytesIO()
    table = pa.table({"a": [VALUE]})
    with pa.ipc.new_file(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _sqlite() -> bytes:
    """As one that keeps a log beside it."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table t (a)")
        connection.execute("insert into t values (?)", [zlib.compress(VALUE.encode())])
        content = connection.serialize()
    return content[:18] + b"\2\2" + content[20:]


FILES: dict[str, Callable[[], bytes]] = {
    "text": lambda: VALUE.upper().encode(),
    "text in Latin-1": lambda: "FJØSHØNE".encode("latin-1"),
    "text in UTF-16": lambda: VALUE.encode("utf-16-le"),
    "JSON with escapes": lambda: b'{"a": "fj\\u00f8sh\\u00f8ne"}',
    "JSON in JSON": lambda: b'"{\\"a\\": \\"fj\\\\u00f8sh\\\\u00f8ne\\"}"',
    "HTML with entities": lambda: b"<p>fj&oslash;sh&#248;ne</p>",
    "deflated": lambda: zlib.compress(VALUE.encode()),
    "gzip": lambda: gzip.compress(VALUE.encode()),
    "zip in a zip": lambda: _zip(_zip(VALUE.encode())),
    "gzip in a tar": lambda: _tar(gzip.compress(VALUE.encode())),
    "workbook, cell of a hidden sheet": lambda: _workbook("cell of a hidden sheet"),
    "workbook, comment": lambda: _workbook("comment"),
    "workbook, property": lambda: _workbook("property"),
    "Parquet": lambda: _parquet(VALUE),
    "Parquet, nested": lambda: _parquet({"b": [{"c": VALUE}]}),
    "Arrow": _arrow,
    "SQLite, deflated": _sqlite,
    "PDF": lambda: typst.compile(VALUE.encode()),
    "binary": lambda: b"\xff\x00\x01" + VALUE.encode() + b"\x00",
}


@pytest.mark.parametrize("kind", FILES)
def test_a_canary_is_found_in_a_file(kind: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.bin").write_bytes(FILES[kind]())
    search = Search(CANARIES)
    search.folder("there", tmp_path)
    assert search.found == {("bird", "there/deep/a.bin")}


def test_a_canary_is_found_in_what_was_sealed(tmp_path: Path) -> None:
    public = create_identity(tmp_path)
    sealed = pyrage.encrypt(_tar(VALUE.encode()), [pyrage.x25519.Recipient.from_str(public)])
    search = Search(CANARIES, [tmp_path])
    search.content("outbox", sealed)
    assert search.found == {("bird", "outbox")}


def test_a_canary_is_found_in_a_files_name(tmp_path: Path) -> None:
    (tmp_path / f"{VALUE}.txt").touch()
    search = Search(CANARIES)
    search.folder("there", tmp_path)
    assert search.found == {("bird", f"there/{VALUE}.txt")}


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("kvifug l")
    search = Search(CANARIES)
    search.folder("there", tmp_path)
    assert (search.found, search.places) == (set(), {"there/a.txt"})


@pytest.mark.parametrize(
    "column", ["'kvifugl'::text", """'{"a": ["kvifugl"]}'::jsonb""", "array['kvifugl']", "'kvifugl'::bytea"]
)
def test_a_canary_is_found_in_a_column(warehouse: str, column: str) -> None:
    with psycopg.connect(warehouse) as connection:
        connection.execute(f"create table marts.birds as select 1 as id, {column} as bird".encode())
    search = Search(CANARIES)
    search.database("warehouse", warehouse)
    assert search.found == {("bird", "warehouse marts.birds")}


def test_a_canary_is_seen_in_a_process_and_in_its_files(tmp_path: Path) -> None:
    """A process of the installation, its temporary files, and a folder that it leaves open to others for a while."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir(mode=0o755)
    temporary.mkdir()
    watch = Watch(home, temporary)
    watch.start()
    program = f"import pathlib, time; pathlib.Path({str(temporary / 'x')!r}).write_text('kvi' + 'fugl'); time.sleep(2)"
    try:
        subprocess.run(
            [sys.executable, "-c", program, VALUE],
            env=dict(os.environ) | {"AKRIM_HOME": str(home), "BIRD": VALUE}, check=True,
        )  # fmt: skip
    finally:
        watch.stop()
    search = Search(CANARIES)
    for place, contents in watch.seen.items():
        for content in contents:
            search.content(place, content)
    assert {place for _, place in search.found} == {
        "process command line",
        "process environment",
        "temporary file",
    }
    assert watch.open_to_others == {str(home)}


@pytest.mark.parametrize(
    ("call", "heard"),
    [
        ("socket().connect(('192.0.2.1', 9))", "('192.0.2.1', 9)"),
        ("getaddrinfo('example.invalid', 9)", "'example.invalid'"),
    ],
)
def test_whoever_reaches_out_is_heard(tmp_path: Path, call: str, heard: str) -> None:
    settings = {
        "PYTHONPATH": str(Path(__file__).with_name("listening")),
        "REACHED": str(tmp_path / "reached"),
    }
    program = f"import socket; socket.setdefaulttimeout(0.1)\ntry: socket.{call}\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", program], env=dict(os.environ) | settings, check=True)
    (line,) = (tmp_path / "reached").read_text().splitlines()
    assert line.endswith(heard)
    assert not is_here(line)


def test_what_is_encoded_otherwise_is_not_found() -> None:
    """The search's own limit, stated: it undoes no base64."""
    search = Search(CANARIES)
    search.content("there", base64.b64encode(VALUE.encode()))
    assert search.found == set()
