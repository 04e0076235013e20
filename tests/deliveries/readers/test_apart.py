"""A reader in a process of its own: what ends or fills that process is a verdict on the file, what is our fault is not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers.allowance import Allowance
from akrim.deliveries.readers.apart import read_apart
from akrim.deliveries.readers.batches import BatchBuilder

BATCH = pa.RecordBatch.from_pydict({"x": pa.array(["å"] * 10)})


def batches(read: Any, tmp_path: Path) -> list[pa.RecordBatch]:
    extract = load_contracts()["skatteetaten"].extract("personer")
    builder = BatchBuilder(extract, False, "p.parquet", Allowance(extract, "p.parquet", 0))
    return list(read_apart(read)(tmp_path, extract.formats[0], builder))


def killed_by(number: int) -> Any:
    def read(*_: Any) -> Iterator[pa.RecordBatch]:
        yield BATCH
        os.kill(os.getpid(), number)

    return read


def fills_memory(*_: Any) -> Iterator[pa.RecordBatch]:
    yield BATCH
    bytearray(8 * 1024**3)


def fails(*_: Any) -> Iterator[pa.RecordBatch]:
    yield BATCH
    raise KeyError("01018012345")


def refuses(*_: Any) -> Iterator[pa.RecordBatch]:
    yield BATCH
    raise Refusal("columns", "p.parquet: æ")


def sound(*_: Any) -> Iterator[pa.RecordBatch]:
    yield from (BATCH, BATCH.slice(3, 2), BATCH.slice(0, 0))


def test_batches_come_as_they_are(tmp_path: Path) -> None:
    assert [batch.to_pydict() for batch in batches(sound, tmp_path)] == [b.to_pydict() for b in sound()]


@pytest.mark.parametrize(
    ("read", "code", "why"),
    [
        (killed_by(signal.SIGABRT), "unreadable_file", "its parser broke on it"),
        (killed_by(signal.SIGSEGV), "unreadable_file", "its parser broke on it"),
        (killed_by(signal.SIGXCPU), "unreadable_file", "takes longer"),
        (fills_memory, "unreadable_file", "takes more memory"),
        (refuses, "columns", "p.parquet: æ"),
    ],
    ids=["aborted", "crashed", "too long", "too much", "refused"],
)
def test_what_the_file_does_to_its_reader_is_told_of_the_file(
    tmp_path: Path, read: Any, code: str, why: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        batches(read, tmp_path)
    assert refusal.value.code == code
    assert why in refusal.value.detail


@pytest.mark.parametrize(
    "read",
    [killed_by(signal.SIGKILL), killed_by(signal.SIGTERM), fails],
    ids=["killed by somebody", "asked to end", "a defect"],
)
def test_what_is_no_fault_of_the_file_refuses_nothing(tmp_path: Path, read: Any) -> None:
    with pytest.raises(RuntimeError) as error:
        batches(read, tmp_path)
    assert "01018012345" not in str(error.value)


def children() -> set[str]:
    """The processes that this one has started and not yet heard the end of."""
    return {pid for task in Path("/proc/self/task").glob("*/children") for pid in task.read_text().split()}


def test_who_stops_reading_leaves_no_process(tmp_path: Path) -> None:
    extract = load_contracts()["skatteetaten"].extract("personer")
    builder = BatchBuilder(extract, False, "p.parquet", Allowance(extract, "p.parquet", 0))

    def endless(*_: Any) -> Iterator[pa.RecordBatch]:
        while True:
            yield BATCH

    before = children()
    reading = read_apart(endless)(tmp_path, extract.formats[0], builder)
    next(reading)
    assert len(children() - before) == 1
    reading.close()
    assert children() <= before


LYING = """
import io, pyarrow as pa, pyarrow.parquet as pq, sys
from pathlib import Path
from tests.deliveries.building import base_row

def varint(number, length=1):
    found = bytearray()
    while number or not found:
        found.append(number & 127 | 128)
        number >>= 7
    found += b"\\x80" * (length - len(found))
    found[-1] &= 127
    return bytes(found)

names = base_row("skatteetaten", "personer", 1)
columns = {name: pa.array(["x"] * 200) for name in names} | {"adresse": pa.array(["A" * 4_000_000] * 200)}
sink = io.BytesIO()
pq.write_table(pa.table(columns), sink, compression="zstd", use_dictionary=False, data_page_size=2**31 - 1)
content = sink.getvalue()
group = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0)
place = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
footer = content[place:-8]
for size in (group.total_byte_size, group.column(list(names).index("adresse")).total_uncompressed_size):
    footer = footer.replace(varint(2 * size), varint(4000, len(varint(2 * size))))
Path(sys.argv[1]).write_bytes(content[:place] + footer + content[-8:])
"""
READ = """
import sys
from pathlib import Path
from akrim.contracts import load_contracts
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers import read_records

extract = load_contracts()["skatteetaten"].extract("personer")
try:
    list(read_records(Path(sys.argv[1]), "p.parquet", extract, False))
except Refusal as refusal:
    print(refusal.code, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def run(program: str, path: Path) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def test_a_page_that_no_size_announces_fills_no_receiver(tmp_path: Path) -> None:
    """Kilobytes that unpack to 800 MB in one page, of which the footer says that it is small."""
    path = tmp_path / "p.parquet"
    run(LYING, path)
    assert path.stat().st_size < 100_000
    code, peak_kib = run(READ, path).split()
    assert (code, int(peak_kib) < 400 * 1024) == ("unreadable_file", True)
