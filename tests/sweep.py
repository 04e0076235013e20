"""Finds every place under an installation where given words lie: all tables of its databases, and all files, opened as far as they can be.

A file is read as bytes, and as what it is: Parquet, workbooks and other archives, compressed text, PDF, SQLite. What is sealed for
a centre (age) can be opened by nobody here and is left out.
"""

import gzip
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
from akrim.warehouse import embedded
from psycopg import sql

from tests.releases.reading import text_of

SEALED = {".age"}
SKIPPED = ("postgres/",)  # the server's own files: its tables are asked
TABLES = """
select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'm', 'v') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1, 2
"""
MANGLED = re.compile(r"\\u([0-9a-f]{4})")


def sweep(home: Path, words: Iterable[str]) -> dict[str, list[str]]:
    """By place (a table's or a file's name), the words found there; places without any are left out.

    Args:
        home: the installation's, whose embedded server is up.
        words: what tells of the person, each of at least four letters; case counts for nothing.
    """
    wanted = {word.casefold() for word in words}
    assert min(map(len, wanted)) >= 4
    found = {}
    for place, text in (*_databases(home), *_files(home)):
        told = MANGLED.sub(lambda code: chr(int(code[1], 16)), text).casefold()
        if hits := sorted(word for word in wanted if word in told):
            found[place] = sorted({*found.get(place, []), *hits})
    return found


def _databases(home: Path) -> Iterator[tuple[str, str]]:
    """Every table and view of the warehouse and of Airflow's database, as the superuser whom no row security binds."""
    socket = embedded.ensure_running(home / "postgres")
    for database in (embedded.PIPELINE, embedded.AIRFLOW):
        with psycopg.connect(embedded.address(socket, database, embedded.SUPERUSER)) as connection:
            for schema, table in connection.execute(TABLES).fetchall():
                query = sql.SQL("select string_agg(t::text, E'\\n') from {} as t").format(
                    sql.Identifier(schema, table)
                )
                row = connection.execute(query).fetchone()
                yield f"{database}:{schema}.{table}", (row[0] if row else "") or ""


def _files(home: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and path.suffix not in SEALED and not name.startswith(SKIPPED):
            for text in _texts(path):
                yield name, text


def _texts(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    yield content.decode("utf-8", errors="replace")
    if path.suffix == ".pdf":
        yield text_of(path)
    elif content[:4] == b"PAR1":
        yield json.dumps(pq.ParquetFile(path).read().to_pylist(), default=str, ensure_ascii=False)
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist())
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content).decode("utf-8", errors="replace")
    elif content[:15] == b"SQLite format 3":
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            yield "\n".join(database.iterdump())
