"""What is parsed a block at once comes out as the readers give it that take record by record, whatever was sent."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from akrim.contracts import Extract, load_contracts
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.readers import delimited, json_lines, read_records
from hypothesis import given
from hypothesis import strategies as st

Outcome = tuple[str, Any]

DELIMITED = [("skatteetaten", "oppdragsforhold"), ("arbeidstilsynet", "personer_paa_stedet")]
DELIMITED += [("politiet", "personer"), ("politiet", "involverte")]
# What one of the two readers might take for something else: line ends that are none, quotes, NUL, spaces, signs of several bytes.
SIGNS = [
    "a",
    "0",
    "æ",
    "é",
    " ",
    "\t",
    "\x0b",
    "\x1c",
    "\x85",
    "\xa0",
    "\ufeff",
    ";",
    ",",
    "J",
    "N",
    "mistenkt",
    "-",
]
PLAIN_CELLS = st.lists(st.sampled_from(SIGNS[:11]), max_size=4).map("".join)
CELLS = st.lists(st.sampled_from([*SIGNS, '"', '""', "\r", "\n", "\0", "\u2028"]), max_size=4).map("".join)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plain") / "file"


def read(path: Path, name: str, extract: Extract, is_delta: bool) -> Outcome:
    """Every record with all that the reader says of it, or the refusal."""
    try:
        batches = list(read_records(path, name, extract, is_delta))
    except Refusal as refusal:
        return refusal.code, refusal.detail
    return "read", pa.Table.from_batches(batches).to_pylist() if batches else []


def both_ways(file: Path, name: str, extract: Extract, is_delta: bool) -> tuple[Outcome, Outcome]:
    """Read in blocks of a few records, with and without what parses them at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_CHARACTERS", 60)
        patch.setattr(json_lines, "BLOCK_BYTES", 200)
        at_once = read(file, name, extract, is_delta)
        for reader in (delimited, json_lines):
            patch.setattr(reader, "parse_plain", lambda *_: None)
        return at_once, read(file, name, extract, is_delta)


def delimited_lines(width: int) -> st.SearchStrategy[list[list[str]]]:
    fitting = st.lists(PLAIN_CELLS, min_size=width, max_size=width)
    any_row = st.lists(CELLS, max_size=width + 2)
    return st.lists(st.one_of(fitting, fitting, fitting, any_row), max_size=12)


@given(
    which=st.sampled_from(DELIMITED),
    is_delta=st.booleans(),
    ends=st.lists(st.sampled_from(["\n", "\n", "\r\n", "\n\n", "\r"]), min_size=1, max_size=4),
    is_ended=st.booleans(),
    data=st.data(),
)
def test_delimited_records(
    file: Path, which: tuple[str, str], is_delta: bool, ends: list[str], is_ended: bool, data: st.DataObject
) -> None:
    agency, name = which
    extract = load_contracts()[agency].extract(name)
    form = extract.formats[0]
    header = [column.path for column in extract.columns] + (["_slettet"] if is_delta else [])
    rows = data.draw(delimited_lines(len(header)))
    lines = [form.delimiter.join(row) for row in [header, *rows]]
    text = "".join(line + ends[place % len(ends)] for place, line in enumerate(lines))
    file.write_bytes((text if is_ended else text.rstrip("\r\n")).encode(form.encoding, "replace"))
    at_once, one_by_one = both_ways(file, f"{name}.csv", extract, is_delta)
    assert at_once == one_by_one


def test_a_byte_order_mark_within_the_file_is_part_of_a_value(file: Path) -> None:
    extract = load_contracts()["skatteetaten"].extract("oppdragsforhold")
    header = ";".join(column.path for column in extract.columns)
    file.write_text(f"\ufeff{header}\n\ufeffO1;200000012;200000020;2025;7\n\ufeff\n", encoding="utf-8")
    at_once, one_by_one = both_ways(file, "oppdragsforhold.csv", extract, is_delta=False)
    assert at_once == one_by_one
    assert [(row["oppdrag_id"], row["defect"]) for row in at_once[1]] == [
        ("\ufeffO1", None),
        (None, "malformed_row"),
    ]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("oppdrag_id,aar,beloep", "its header is one field; by contract ';' parts fields."),
        (
            "oppdrag_id;oppdragsgiver_orgnr;leverandor_orgnr;AAR;beloep;beloep",
            "column missing: aar; column not agreed: AAR; column repeated: beloep.",
        ),
    ],
)
def test_all_that_is_wrong_with_a_header_is_told(file: Path, header: str, told: str) -> None:
    file.write_text(f"{header}\nO1;200000012;200000020;2025;7\n", encoding="utf-8")
    extract = load_contracts()["skatteetaten"].extract("oppdragsforhold")
    assert read(file, "o.csv", extract, is_delta=False) == ("columns", f"o.csv: {told}")


ROLE = {
    "rolle_id": "R1",
    "organisasjonsnummer": "200000012",
    "type": {"kode": "DAGL"},
    "person": {"fodselsdato": "1970-01-01", "navn": {"fornavn": "Åse", "etternavn": "É"}},
    "fra": "2020-01-01",
}
ENTERPRISE = {
    "organisasjonsnummer": "200000012",
    "forretningsadresse": {"adresse": ["Gata 1", "v/ Ås"], "kommunenummer": "0301"},
    "antallAnsatte": 3,
    "konkurs": False,
    "maalform": "Bokmål",
    "institusjonellSektorkode": {"kode": "2100", "tall": 1.5},
}
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -0.0, 1.0, 1.5, 1e30, 2**63 - 1, 2**63, 10**30, -7]),
    st.sampled_from(["", "x", "æ\u2028", "\ud800", "\0", "2020-01-01", '"', "\\u0000", "a\x1cb"]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["kode", "adresse", "navn", "x"]), inner, max_size=3),
    ),
    max_leaves=4,
)
RAW_LINES = st.sampled_from(
    [
        "", "  ", "\x0b", "{}", "{} ", "{}{}", "[]", "{", '{"navn": "x"', '"x": 1}', "NaN", '{"navn": NaN}', "\ufeff{}", "{}\r{}",
        '{"navn": "a", "navn": "b"}', '{"x": {"y": 1, "y": 2}}', '{"x": [{"y": 1, "y": 2}]}', '{"fra": "a\tb"}', '{"navn": 01}',
        '{"x": 1' + "0" * 420 + "}", '{"antallAnsatte": -0}', '{"antallAnsatte": 1e2}', '{"navn": "\\u00e5\\ud83d\\ude00"}',
        '{"forretningsadresse": {"adresse": []}}', '{"forretningsadresse": {"adresse": ["", "b", null]}}', '{"navn": "a",}',
        '{"forretningsadresse": {"adresse": ["b", "c"], "adresse": []}}', '{"person": {"navn": {"fornavn": 1}}}', '{"a/b": 1}',
        "[" * 40 + "]" * 40, '{"x": ' + "[" * 33 + "]" * 33 + "}", '{"navn": "\\ud800"}', '{"navn": "\\u0000"}', '{"navn": +1}',
        '{"x": NaN}', '{"x": [1, -Infinity]}', '{"x": {"y":Inf}}', '{"x": 1e999}', '{"navn": "x"} // y', "{'navn': 1}", '{"navn": "\x01"}', '{"konkurs": "true"}', '{"type": {"kode": {}}}',
    ]
)  # fmt: skip


def json_line(base: dict[str, Any]) -> st.SearchStrategy[str]:
    """The base with some fields left out, or another value in one of them or within one."""
    fields = sorted(base)

    @st.composite
    def changed(draw: st.DrawFn) -> str:
        record = {name: base[name] for name in fields if draw(st.integers(0, 5))}
        if draw(st.integers(0, 3)) == 0:
            record[draw(st.sampled_from([*fields, "x"]))] = draw(VALUES)
        return json.dumps(record, ensure_ascii=draw(st.booleans()))

    return changed()


@given(
    which=st.sampled_from([("roller", ROLE), ("enheter", ENTERPRISE)]),
    is_delta=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    data=st.data(),
)
def test_json_records(
    file: Path, which: tuple[str, dict[str, Any]], is_delta: bool, end: str, data: st.DataObject
) -> None:
    name, base = which
    line = json_line(base | ({"_slettet": "N"} if is_delta else {}))
    lines = data.draw(st.lists(st.one_of(line, line, line, line, RAW_LINES), max_size=10))
    file.write_bytes(gzip.compress(end.join(lines).encode("utf-8", "surrogatepass"), mtime=0))
    at_once, one_by_one = both_ways(
        file, f"{name}.jsonl.gz", load_contracts()["brreg"].extract(name), is_delta
    )
    assert at_once == one_by_one


@pytest.mark.parametrize(
    ("agency", "name", "content"),
    [
        ("skatteetaten", "oppdragsforhold.csv", b"O1;200000012;200000020;2025;7\nO2;x\r\n\nO3;;;;\n"),
        ("brreg", "roller.jsonl.gz", gzip.compress((json.dumps(ROLE) + "\n").encode() * 3)),
        ("brreg", "enheter.jsonl.gz", gzip.compress((json.dumps(ENTERPRISE) + "\n").encode() * 3)),
    ],
)
def test_what_is_clean_is_parsed_at_once(
    file: Path, monkeypatch: pytest.MonkeyPatch, agency: str, name: str, content: bytes
) -> None:
    extract = load_contracts()[agency].extract(name.partition(".")[0])
    header = "" if name.endswith(".gz") else ";".join(c.path for c in extract.columns) + "\n"
    file.write_bytes(header.encode() + content)

    def never(*_: Any) -> Iterator[Any]:
        raise AssertionError("taken record by record")

    monkeypatch.setattr(delimited, "_next_rows", never)
    monkeypatch.setattr(json_lines, "_parse", never)
    outcome, rows = read(file, name, extract, is_delta=False)
    assert (outcome, [row["row_number"] for row in rows]) == ("read", [1, 2, 3])
