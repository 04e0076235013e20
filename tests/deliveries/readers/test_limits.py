"""Small files that stand for gigabytes are refused before they are held, and reading takes time in proportion to size."""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers import read_records

from tests.deliveries.building import Delivery, base_row, full_delivery, person_number
from tests.deliveries.conftest import Receiver
from tests.measured import run_akrim

pytestmark = pytest.mark.usefixtures("home")

FILES = {
    "nav": ("saker", "saker.csv"),
    "brreg": ("enheter", "enheter.jsonl.gz"),
    "skatteetaten": ("personer", "personer.parquet"),
}
HEADER = full_delivery("nav", 0).content("saker", [])[1]
REAL = person_number(0, series=0)
PERSON = base_row("skatteetaten", "personer", 1)
PARQUET_FOUND = Path(__file__).parents[2] / "fuzz" / "corpus" / "parquet"


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def repeated_values(rows: int, length: int) -> bytes:
    """A person each row, whose address is one of two long texts that the file holds once."""
    texts = pa.DictionaryArray.from_arrays(
        pa.array(np.arange(rows) % 2, pa.int32()), pa.array(["A" * length, "B" * length])
    )
    return parquet({name: pa.array(["x"] * rows) for name in PERSON} | {"adresse": texts}, compression="zstd")


def by_differences(rows: int, encoding: str) -> bytes:
    """A person each row, as the second version of Parquet's pages may have texts."""
    return parquet({name: pa.array(["x"] * rows) for name in PERSON}, use_dictionary=False, column_encoding=encoding)  # fmt: skip


def empty_rows(rows: int) -> bytes:
    return parquet({name: pa.nulls(rows, pa.null()) for name in PERSON})


SMALL_AND_GIANT: dict[str, tuple[str, Callable[[], bytes]]] = {
    "repeated dictionary values": ("skatteetaten", lambda: repeated_values(2_000, 100_000)),
    "rows of nothing": ("skatteetaten", lambda: empty_rows(5_000_000)),
    "line feeds": ("brreg", lambda: packed(b"\n" * 20_000_000)),
    "empty objects": ("brreg", lambda: packed(b"{}\n" * 2_000_000)),
    "a list of objects": ("brreg", lambda: packed(b'{"x": [' + b"{}," * 3_000_000 + b"1]}\n")),
    "a text of escapes without an end": ("brreg", lambda: packed(b"[" * 40 + b'"' + b'\\"' * 5_000_000)),
    "a record of many fields": ("nav", lambda: HEADER + b"x;" * 2_000_000 + b"\n"),
    "a record without an end": ("nav", lambda: HEADER + b'"\n";' * 5_000_000),
}


def records(agency: str, content: bytes, tmp_path: Path, **limits: Any) -> int:
    """How many records the reader finds."""
    extract, name = FILES[agency]
    path = tmp_path / name
    path.write_bytes(content)
    agreed = replace(load_contracts()[agency].extract(extract), **limits)
    return sum(batch.num_rows for batch in read_records(path, name, agreed, is_delta=False))


@pytest.mark.parametrize("case", SMALL_AND_GIANT)
def test_what_is_small_as_sent_and_giant_as_read_is_unreadable(tmp_path: Path, case: str) -> None:
    agency, make = SMALL_AND_GIANT[case]
    with pytest.raises(Refusal) as refusal:
        records(agency, make(), tmp_path)
    assert refusal.value.code == "unreadable_file"


@pytest.mark.parametrize(
    ("agency", "content"),
    [
        ("nav", HEADER + b"x;;;;;;;;;\r\n" * 1_000),
        ("brreg", packed(b'{"navn": "x"}\n' * 1_000)),
        ("skatteetaten", repeated_values(1_000, 10)),
        ("skatteetaten", by_differences(1_000, "DELTA_BYTE_ARRAY")),
        ("skatteetaten", by_differences(1_000, "DELTA_LENGTH_BYTE_ARRAY")),
    ],
    ids=["csv", "jsonl.gz", "parquet", "parquet by differences", "parquet by lengths"],
)
@pytest.mark.parametrize(
    "limits",
    [{"most_rows": 999}, {"largest_unpacked_bytes": 1_000 * 128}, {"largest_file_bytes": 50}, {}],
    ids=["most_rows", "largest_unpacked_bytes", "largest_file_bytes", "its own"],
)
def test_the_contract_says_how_much_there_may_be(
    tmp_path: Path, agency: str, content: bytes, limits: dict[str, int]
) -> None:
    if not limits:
        assert records(agency, content, tmp_path, most_rows=1_000) == 1_000
        return
    with pytest.raises(Refusal) as refusal:
        records(agency, content, tmp_path, **limits)
    assert refusal.value.code == "unreadable_file"


@pytest.mark.parametrize(
    ("ending", "why"),
    [
        (b"", "no sound Parquet file"),
        (b"a;b;c\r\n", "no sound Parquet file"),
        ((PARQUET_FOUND / "a-column-whose-histogram-ends-the-process").read_bytes(), "no sound Parquet file"),
        (b"\xff\xff\xff\x7fPAR1", "footer is larger"),
    ],
    ids=["nothing", "csv", "a spoilt column", "a giant footer"],
)
def test_what_is_no_parquet_is_not_said_to_be_large(tmp_path: Path, ending: bytes, why: str) -> None:
    with pytest.raises(Refusal) as refusal:
        records("skatteetaten", ending, tmp_path)
    assert (refusal.value.code, why in refusal.value.detail) == ("unreadable_file", True)


def test_a_column_that_is_not_agreed_is_never_read(tmp_path: Path) -> None:
    """Its pages are destroyed, which only a reader of them could notice."""
    noise = np.random.default_rng(1).integers(0, 2**60, 10_000)
    content = parquet({name: pa.array(["x"] * 10_000) for name in PERSON} | {"diagnose": pa.array(noise)}, compression="none", use_dictionary=False)  # fmt: skip
    path = tmp_path / "whole.parquet"
    path.write_bytes(content)
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(len(PERSON))
    start, length = chunk.data_page_offset, chunk.total_compressed_size
    with pytest.raises(Refusal) as refusal:
        records("skatteetaten", content[:start] + b"\xff" * length + content[start + length :], tmp_path)
    assert refusal.value.code == "columns"


def test_a_long_value_among_short_ones_is_read_in_few_parts(tmp_path: Path) -> None:
    columns = {name: pa.array(["x"] * 20_000) for name in PERSON}
    columns["adresse"] = pa.array(["x"] * 19_999 + ["å" * 400_000])
    (tmp_path / "p.parquet").write_bytes(parquet(columns))
    extract = load_contracts()["skatteetaten"].extract("personer")
    batches = list(read_records(tmp_path / "p.parquet", "p.parquet", extract, is_delta=False))
    assert len(batches) < 5
    assert [n for batch in batches for n in batch.column("row_number").to_pylist()] == list(range(1, 20_001))


def test_reading_ends_where_more_than_the_declared_records_are(receiver: Receiver) -> None:
    """What comes after them is never read, or its unclosed quote would be the reason."""
    delivery = full_delivery("nav")
    row = delivery.content("saker", delivery.rows["saker"])[1].splitlines(keepends=True)[1]
    delivery.raw["saker"] = HEADER + row * 60_000 + b'"'
    outcome = receiver(delivery)[0]
    assert (outcome.code, "more records than the 3 declared" in str(outcome.detail)) == (
        "rows_mismatch",
        True,
    )


def test_what_is_kept_of_a_row_set_aside_is_bounded(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    long = "N" * 9_990 + f" {REAL}" * 20_000
    delivery.rows["personer"][0] |= {"navn": long, "fodselsdato": "i går"}
    delivery.raw["saker"] = delivery.content("saker", delivery.rows["saker"])[1] + f"{long};x\r\n".encode()
    delivery.rows["saker"].append({})
    assert receiver(delivery)[0].quarantined == {"personer": 1, "saker": 4, "lonnsgaranti": 3}
    kept = receiver.rows(
        "select raw::text as raw, reason from quarantine.rows order by length(raw::text) desc"
    )
    assert {row["reason"] for row in kept} == {"bad_date", "malformed_row", "orphan_parent"}
    assert len(kept[0]["raw"]) < 12_000
    assert REAL[:7] not in "".join(row["raw"] for row in kept)


def test_what_is_kept_of_a_forbidden_role_is_bounded_and_tells_no_number(receiver: Receiver) -> None:
    delivery = full_delivery("politiet")
    delivery.rows["involverte"][0]["rolle"] = f"vitne {REAL} " + "x" * 500_000
    assert receiver(delivery)[0].quarantined == {"involverte": 1}
    (kept,) = receiver.rows("select raw ->> 'rolle' as role, reason from quarantine.rows")
    assert (kept["reason"], kept["role"][:12]) == ("forbidden_role", f"vitne {REAL[:6]}")
    assert REAL not in kept["role"]
    assert len(kept["role"]) < 12_000


def test_nothing_that_was_sent_exhausts_the_receiver(tmp_path: Path) -> None:
    """One command receives it all within its memory; a look-up of each name among all would not end in time."""

    def sent(agency: str, number: int, content: bytes) -> tuple[str, Delivery]:
        extract, _ = FILES[agency]
        delivery = full_delivery(agency, number=number)
        delivery.raw[extract] = content
        return delivery.delivery_id, delivery

    names = [f"c{n}" for n in range(200_000)]
    keys = json.dumps(dict.fromkeys(names[:90_000], 1))[:-1] + ', "c89999": 1}\n'
    deliveries = [
        ("columns", *sent("nav", 1, ";".join(names).encode() + b"\r\n")),
        ("columns", *sent("nav", 2, ";".join(["sak_id"] * 200_000).encode() + b"\r\n")),
        ("unreadable_file", *sent("nav", 3, HEADER + b"ab;" * 5_000_000 + b"\n")),
        ("columns", *sent("brreg", 1, packed(keys.encode()))),
        ("unreadable_file", *sent("brreg", 2, packed(b"\n" * 30_000_000))),
        ("unreadable_file", *sent("brreg", 3, packed(b"[" * 40 + b'"' + b'\\"' * 5_000_000))),
        ("unreadable_file", *sent("skatteetaten", 1, repeated_values(20_000, 100_000))),
        ("unreadable_file", *sent("skatteetaten", 2, empty_rows(30_000_000))),
        ("columns", *sent("skatteetaten", 3, parquet({name: pa.array(["x"]) for name in names[:20_000]}))),
    ]
    for _, _, delivery in deliveries:
        delivery.write(tmp_path / "inbox")
    came = run_akrim("receive", "--inbox", str(tmp_path / "inbox"), "--json", home=tmp_path / "home")
    assert came.code == 0, came.err[-2000:]
    outcomes = {o["delivery_id"]: o["code"] for o in json.loads(came.out.splitlines()[-1])}
    assert outcomes == {delivery_id: code for code, delivery_id, _ in deliveries}
    assert came.peak_mib < 800
