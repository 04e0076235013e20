"""Deliveries that must be refused, one for every refusal code, each wrong in one way.

Each starts from a valid delivery of the agency. Two need something first: `delivery_id_reused` has the first delivery's
id and needs that one to have been received, `bad_signature` needs an installation with a key for the agency.
"""

import gzip
from collections.abc import Callable
from dataclasses import replace

from akrim.deliveries.inbox import MANIFEST
from akrim.errors import UserError
from akrim.synthetic.delivery.delivery import Delivery, DeliverySpec, File, file_entry, manifest_of, prepare
from akrim.synthetic.world.world import World
from akrim.trust import Suffix

UNKNOWN_AGENCY = "tolletaten"
USUAL_AGENCY = "nav"


def check_code(code: str) -> None:
    if code not in SPOILERS:
        raise UserError(f"There is no refusal code {code!r}.", "--bad", f"Choose from {', '.join(SPOILERS)}.")


def bad_delivery(world: World, spec: DeliverySpec, code: str) -> Delivery:
    """A delivery that gets exactly that code; raises UserError for an unknown code."""
    check_code(code)
    number = 1 if code == "delivery_id_reused" else spec.number
    delivery = prepare(world, replace(spec, number=number, mode="full", bad_rows=False))
    delivery.is_bad = True
    SPOILERS[code](delivery)
    return delivery


def _manifest_missing(delivery: Delivery) -> None:
    delivery.manifest_content = None


def _manifest_unreadable(delivery: Delivery) -> None:
    whole = delivery.manifest_content or b""
    delivery.manifest_content = whole[: len(whole) // 2]


def _unknown_agency(delivery: Delivery) -> None:
    delivery.spec = replace(delivery.spec, agency=UNKNOWN_AGENCY, number=1)
    delivery.change_manifest(agency=UNKNOWN_AGENCY, delivery_id=delivery.spec.delivery_id)


def _bad_signature(delivery: Delivery) -> None:
    delivery.further[f"{MANIFEST}{Suffix.SIGNATURE}"] = b"untrusted comment: none\nbm8gc2lnbmF0dXJl\n"


def _synthetic_mismatch(delivery: Delivery) -> None:
    del delivery.manifest["synthetic"]
    delivery.change_manifest()


def _delivery_id_reused(delivery: Delivery) -> None:
    later = delivery.manifest["delivered_at"].replace("T06:", "T09:")
    delivery.change_manifest(delivered_at=later)


def _extract_missing(delivery: Delivery) -> None:
    delivery.files.pop(0)
    delivery.change_manifest(files=delivery.manifest["files"][1:])


def _unknown_extract(delivery: Delivery) -> None:
    surplus = File("merknader", "merknader.csv", 1, b"merknad_id;tekst\n1;ingen\n")
    delivery.files.append(surplus)
    delivery.change_manifest(files=[*delivery.manifest["files"], file_entry(surplus)])


def _unreadable_file(delivery: Delivery) -> None:
    """A NUL byte in text, a cut-off end in gzip and Parquet."""
    file = delivery.files[0]
    is_text = file.name.endswith(".csv")
    _replace(delivery, 0, file.content + b"\x00\n" if is_text else file.content[:-40], file.rows)


def _columns(delivery: Delivery) -> None:
    """A column outside the contract, in the last extract (`enheter`, the first one of brreg, is open)."""
    place = len(delivery.files) - 1
    file = delivery.files[place]
    if file.name.endswith(".csv"):
        header, _, rows = file.content.partition(b"\n")
        _replace(delivery, place, header + b"_gammel\n" + rows, file.rows)
    else:
        lines = gzip.decompress(file.content)
        _replace(
            delivery, place, gzip.compress(lines.replace(b"}\n", b',"merknad":"x"}\n', 1), mtime=0), file.rows
        )


def _quarantine_share(delivery: Delivery) -> None:
    """A third of the rows, and at least a dozen, sent a second time."""
    place = next(n for n, file in enumerate(delivery.files) if not file.name.endswith(".parquet"))
    file = delivery.files[place]
    is_zipped = file.name.endswith(".gz")
    lines = (gzip.decompress(file.content) if is_zipped else file.content).splitlines(keepends=True)
    rows = lines if is_zipped else lines[1:]
    again = (rows * (12 // max(len(rows), 1) + 1))[: max(12, len(rows) // 3)]
    content = b"".join([*lines, *again])
    _replace(
        delivery, place, gzip.compress(content, mtime=0) if is_zipped else content, file.rows + len(again)
    )


def _replace(delivery: Delivery, place: int, content: bytes, rows: int) -> None:
    delivery.files[place] = replace(delivery.files[place], content=content, rows=rows)
    delivery.change_manifest(files=manifest_of(delivery.spec, delivery.files)["files"])


SPOILERS: dict[str, Callable[[Delivery], object]] = {
    "manifest_missing": _manifest_missing,
    "manifest_unreadable": _manifest_unreadable,
    "unknown_agency": _unknown_agency,
    "unknown_contract_version": lambda d: d.change_manifest(contract_version="99.0"),
    "unknown_mode": lambda d: d.change_manifest(mode="incremental"),
    "misplaced": lambda d: d.change_manifest(delivery_id=f"{d.spec.agency}-{d.spec.period}-99"),
    "bad_signature": _bad_signature,
    "synthetic_mismatch": _synthetic_mismatch,
    "delivery_id_reused": _delivery_id_reused,
    "unknown_predecessor": lambda d: d.change_manifest(supersedes=f"{d.spec.agency}-{d.spec.period}-98"),
    "bad_file_name": lambda d: d.change_first_file(name=f"../{d.files[0].name}"),
    "file_missing": lambda d: d.files.pop(0),
    "bytes_mismatch": lambda d: d.change_first_file(bytes=len(d.files[0].content) + 1),
    "sha256_mismatch": lambda d: d.change_first_file(sha256="0" * 64),
    "extract_missing": _extract_missing,
    "unknown_extract": _unknown_extract,
    "unreadable_file": _unreadable_file,
    "columns": _columns,
    "rows_mismatch": lambda d: d.change_first_file(rows=d.files[0].rows + 1),
    "quarantine_share": _quarantine_share,
}
# The codes that need neither an earlier delivery nor a key.
EVERY_CODE = tuple(code for code in SPOILERS if code not in ("bad_signature", "delivery_id_reused"))
