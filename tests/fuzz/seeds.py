"""Sound and spoilt content for the fuzzer to begin with; made here, so that no binary file has to be kept."""

import io
import json
import tempfile
import zipfile
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyrage

from tests.deliveries.building import base_row, full_delivery
from tests.deliveries.readers.workbooks import SHEET_PART, shared, sheet, write_workbook
from tests.fuzz.targets import IDENTITY, PUBLIC, RELEASE, SIGNATURE
from tests.trust.hostile_archives import FOLDER, HOSTILE, MANIFESTS, files

YAML_BOMB = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)
LARGEST_SEED = 64 * 1024
CELLS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>verdict</t></is></c></row>'
    '<row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" s="1"><v>45000.5</v></c><c t="d"><v>2026-01-01</v></c></row>'
)


@cache
def seeds(target: str) -> list[bytes]:
    """The content to begin with; none larger than LARGEST_SEED."""
    made = {
        "manifest": _manifests, "csv": _delimited, "json-lines": _json_lines, "parquet": _parquets,
        "workbook": _workbooks, "archive": _archives, "sealed": _sealed, "receipt": _receipts, "settings": _settings,
        "json-setting": lambda: [b'{"oslo": ["a@example.org"]}'],
        "keys": lambda: [PUBLIC, SIGNATURE, f"# x\n{IDENTITY}\n".encode(), f"{IDENTITY.to_public()}\n".encode(), b"oslo\n",
                         json.dumps({"2026-T1": {"revision": 1, "release_id": RELEASE, "manifest_sha256": "0" * 64, "period": "2026-T1"}}).encode()],
        "release-manifest": _release_manifests, "statement": _statements, "review-file": _review_files,
        "sharing-file": lambda: [_own("sharing", "matrix.yml"), b"lines: [{line: a}]\n", b"- a\n"],
        "retention-file": lambda: [_own("retention", "limits.yml"), b"logs: {keep: 1 days}\n", b"- a\n"],
        "contract": lambda: [_own("contracts", "nav.yaml"), _own("contracts", "brreg.yaml"), b"a: [\n", b"x: {1: 2}\n"],
        "limits-file": lambda: [b"agency_age_days: 300\nactors: {fewest_share: 0.4}\n", b"a: &a [1]\nb: *a\n", YAML_BOMB],
    }[target]()  # fmt: skip
    return [content for content in made if len(content) <= LARGEST_SEED]


def _own(package: str, name: str) -> bytes:
    return package_files(f"akrim.{package}").joinpath(name).read_bytes()


def _manifests() -> list[bytes]:
    found = []
    for agency in ("nav", "brreg", "sentrene"):
        with tempfile.TemporaryDirectory() as folder:
            lying = full_delivery(agency).write(Path(folder))
            found.append((lying / "manifest.json").read_bytes())
    return found


def _delimited() -> list[bytes]:
    made = []
    for agency, extract in (("nav", "saker"), ("arbeidstilsynet", "tilsyn"), ("politiet", "involverte")):
        delivery = full_delivery(agency)
        made.append(delivery.content(extract, delivery.rows[extract])[1])
    return [*made, made[0].replace(b"\r\n", b"\n") + b'"a\n;""b";c\n', made[0] + b'"x', made[0][:60] + b"\0"]


def _json_lines() -> list[bytes]:
    row = base_row("brreg", "enheter", 1)
    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
    delivery = full_delivery("brreg")
    packed = delivery.content("enheter", delivery.rows["enheter"])[1]
    return [
        line * 2,
        packed,
        b"\xef\xbb\xbf" + line,
        b'{"navn": NaN}\n',
        b'{"a": 1e999, "a": "\\ud800"}\n',
        b"[" * 60,
    ]


def _parquets() -> list[bytes]:
    names = list(base_row("skatteetaten", "personer", 1))
    texts = {name: pa.array(["x", None, "2020-01-01"]) for name in names}
    numbers = {name: pa.array([1, 2, None]) for name in names}
    nested = {name: pa.array([{"a": [1]}]) for name in names}
    made = []
    for columns, options in (
        (texts, {"compression": "zstd"}),
        (texts, {"compression": "none", "use_dictionary": False, "data_page_version": "2.0"}),
        (numbers, {"compression": "gzip"}),
        (nested, {"compression": "none"}),
    ):
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink, **options)
        made.append(sink.getvalue())
    return made


def _workbooks() -> list[bytes]:
    parts = [sheet(CELLS), sheet("<row><c><v>1e400</v></c></row>"), sheet('<row r="0"/>')]
    with tempfile.TemporaryDirectory() as folder:
        whole = write_workbook(Path(folder) / "x.xlsx", parts[0], shared("beslutning_id"))
        with zipfile.ZipFile(whole) as package:
            others = [package.read(name) for name in package.namelist() if name != SHEET_PART]
        return [*(part.encode() for part in parts), whole.read_bytes(), *others]


def _archives() -> list[bytes]:
    return [files({f"{FOLDER}/manifest.json": b"{}"}), *(made() for _, made in HOSTILE.values())]


def _sealed() -> list[bytes]:
    sealed = pyrage.encrypt(b"x" * 100, [IDENTITY.to_public()])
    return [sealed, sealed[:-1], sealed[:50], pyrage.encrypt(b"", [IDENTITY.to_public()])]


def _receipts() -> list[bytes]:
    content = {
        "release_id": RELEASE,
        "recipient": "oslo",
        "manifest_sha256": "0" * 64,
        "verified": "2026-06-01",
    }
    return [json.dumps(content).encode(), b"[]", b'{"release_id": NaN}']


def _settings() -> list[bytes]:
    return [
        b'home = "var"\nexports = "ftm"\nquiet_minutes = 30\n',
        b'[notify]\noslo = ["a@example.org"]\n[centre_database_urls]\noslo = "postgresql://x"\n',
        b'data_mode = "production"\nlanguage = "en"\nlimits = "limits.yml"\nsmtp_port = 70000\n',
    ]


def _release_manifests() -> list[bytes]:
    entry = {"path": "x.html", "bytes": 3, "sha256": "0" * 64}
    centre = {"release_id": RELEASE, "recipient": "oslo", "revision": 1, "files": [entry]}
    whole = {"release_id": RELEASE, "centres": [entry | {"centre_id": "oslo", "path": "oslo/manifest.json"}]}
    return [json.dumps(centre).encode(), json.dumps(whole).encode(), *MANIFESTS.values()]


def _statements() -> list[bytes]:
    recall = {
        "statement": "recall",
        "release_id": RELEASE,
        "recipient": "oslo",
        "reason": "x",
        "date": "2026-06-01",
    }
    succession = {"statement": "succession", "replaces": "0", "signing_key": "x", "successor_key": "y"}
    return [json.dumps(content).encode() for content in (recall, succession)]


def _review_files() -> list[bytes]:
    head = b"sample;reading;one;other;verdict;reason;author\r\n"
    return [head + b"1;first;nav/A1;nav/A2;same;navn;Kari\r\n", head.replace(b";", b",") + b'"\n,,"",x\n']
