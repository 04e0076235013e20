"""A delivery's manifest: read from bytes, checked on its own and against what the installation knows.

Each check of specification section 5 that needs no data file is here, in the specification's order.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from akrim.contracts import DECISIONS_SENDER, Contract
from akrim.deliveries.outcome import Refusal
from akrim.errors import UserError
from akrim.periods import NORWAY, PERIOD_PATTERN, Period

FIELDS: dict[str, type | tuple[type, ...]] = {
    "agency": str,
    "delivery_id": str,
    "period": str,
    "mode": str,
    "supersedes": (str, type(None)),
    "contract_version": str,
    "delivered_at": str,
    "purpose": str,
    "legal_basis": str,
    "files": list,
}
MAX_COUNT = 2**53
MAX_NAMES_TOLD = 10
SANE_YEARS = range(2000, 2200)
DELIVERY_ID = re.compile(rf"(?P<agency>[a-z]{{1,40}})-(?P<period>{PERIOD_PATTERN})-[0-9]{{2,4}}")
# Of a delivery that a person had read again: its own id with a number that no sender can give.
REPLAY_ID = re.compile(rf"(?P<original>{DELIVERY_ID.pattern})~(?P<number>[0-9]{{1,4}})")
# Of a decision form that came back: the pipeline itself gives the id.
FORM_ID = re.compile(
    rf"(?P<agency>{DECISIONS_SENDER})-(?P<release>(?P<period>{PERIOD_PATTERN})\.[0-9]{{1,4}})-(?P<centre>[a-z]{{1,40}})-[0-9a-f]{{12}}"
)
FILE_FIELDS = {"extract": str, "name": str, "rows": int, "bytes": int, "sha256": str}


@dataclass(frozen=True)
class DeclaredFile:
    """One file as the manifest declares it."""

    extract: str
    name: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """A delivery's manifest, its fields as stated and the digest of its exact bytes."""

    agency: str
    delivery_id: str
    period: Period
    mode: str
    supersedes: str | None
    contract_version: str
    delivered_at: datetime
    files: tuple[DeclaredFile, ...]
    synthetic: object
    content: dict[str, Any]
    sha256: str

    @property
    def moment(self) -> tuple[datetime, str]:
        """Its place in time among the agency's deliveries."""
        return self.delivered_at, self.delivery_id

    @property
    def delivered_on(self) -> date:
        """The date of `delivered_at` as written, whatever its time zone."""
        return self.delivered_at.date()


def read_manifest(raw: bytes, is_ours: bool = False) -> Manifest:
    """The manifest in these bytes; raises Refusal(manifest_unreadable) with the field that is wrong.

    Args:
        is_ours: the pipeline wrote it, for a returned decision form, whose id has another form.
    """
    content = _json_object(raw)
    for name, kind in FIELDS.items():
        _demand(name in content, f"the field {name} is missing")
        _demand(isinstance(content[name], kind), f"the field {name} is of another type than agreed")
    files = tuple(_declared_file(entry) for entry in content["files"])
    _demand(len({file.extract for file in files}) == len(files), "an extract is named twice")
    _demand(len({file.name for file in files}) == len(files), "a file is named twice")
    period = _period(content["period"], content["delivery_id"], FORM_ID if is_ours else DELIVERY_ID)
    delivered_at = _time(content["delivered_at"])
    # What is delivered before a period is over cannot be the state at its end, and would be taken for the newest. Decisions are made on
    # a release that is out, so their delivery speaks of no period of its own.
    _demand(
        content["agency"] == DECISIONS_SENDER or period.as_of < delivered_at.date(),
        f"the period {period} ends on {period.as_of}, and delivered_at is no later day; deliver it when it is over",
    )
    return Manifest(
        agency=content["agency"],
        delivery_id=content["delivery_id"],
        period=period,
        mode=content["mode"],
        supersedes=content["supersedes"],
        contract_version=content["contract_version"],
        delivered_at=delivered_at,
        files=files,
        synthetic=content.get("synthetic"),
        content=content,
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def check_agreement(manifest: Manifest, contracts: dict[str, Contract]) -> Contract:
    """The contract that the manifest falls under; raises Refusal where it names what was not agreed."""
    contract = contracts.get(manifest.agency)
    if contract is None:
        raise Refusal("unknown_agency", f"There is no contract with the agency {manifest.agency[:60]!r}.")
    _check_version(manifest, contract)
    if manifest.mode not in contract.modes:
        raise Refusal(
            "unknown_mode",
            f"Mode {manifest.mode[:20]!r} is not agreed with {contract.agency}; {' or '.join(contract.modes)} is.",
        )
    return contract


def _check_version(manifest: Manifest, contract: Contract) -> None:
    """By the date that the delivery states, so that it is taken or refused alike whenever it is read again."""
    until = {earlier.version: earlier.accepted_until for earlier in contract.earlier_versions}
    if manifest.contract_version == contract.version:
        return
    if manifest.delivered_on <= until.get(manifest.contract_version, date.min):
        return
    agreed = [
        f"{contract.version} is",
        *(f"{version} for what was delivered until {day}" for version, day in until.items()),
    ]
    raise Refusal(
        "unknown_contract_version",
        f"Contract version {manifest.contract_version[:20]!r} is not agreed; {', '.join(agreed)}.",
    )


def check_extracts(manifest: Manifest, contract: Contract) -> None:
    """Raises Refusal where a full delivery lacks an extract that is not optional, or one is named that no contract describes."""
    named = {file.extract for file in manifest.files}
    agreed = {extract.name for extract in contract.extracts}
    missing = {extract.name for extract in contract.extracts if not extract.is_optional} - named
    if manifest.mode == "full" and missing:
        raise Refusal(
            "extract_missing", f"A full delivery needs every extract; missing: {', '.join(sorted(missing))}."
        )
    if named - agreed:
        unknown = some_names(sorted(name[:40] for name in named - agreed))
        raise Refusal("unknown_extract", f"No contract describes the extract: {unknown}.")


def some_names(names: list[str]) -> str:
    """The first names of a list that a sender may make as long as she likes, for a message."""
    rest = len(names) - MAX_NAMES_TOLD
    return ", ".join(names[:MAX_NAMES_TOLD]) + (f" and {rest} more" if rest > 0 else "")


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_no_constant)
        _check_text(content)
    except (UnicodeDecodeError, ValueError, RecursionError):
        content = None
    _demand(
        isinstance(content, dict),
        "it is no JSON object in UTF-8 whose fields are named once, or may not be read here",
    )
    return dict(content)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is named twice")
    return fields


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _check_text(content: object) -> None:
    """Raises ValueError for characters that no database keeps: NUL, and half of a surrogate pair."""
    text = json.dumps(content, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text.replace("\\\\", ""):
        raise ValueError("NUL")


def _declared_file(fields: Any) -> DeclaredFile:
    _demand(isinstance(fields, dict), "an entry of files is no object")
    for name, kind in FILE_FIELDS.items():
        _demand(name in fields, f"an entry of files lacks {name}")
        value = fields[name]
        _demand(
            isinstance(value, kind) and not isinstance(value, bool), f"a file's {name} is of another type"
        )
    for name in ("rows", "bytes"):
        _demand(0 <= fields[name] < MAX_COUNT, f"a file's {name} is no count")
    _demand(re.fullmatch("[0-9a-fA-F]{64}", fields["sha256"]) is not None, "a file's sha256 is none")
    return DeclaredFile(**{name: fields[name] for name in FILE_FIELDS} | {"sha256": fields["sha256"].lower()})


def _period(text: str, delivery_id: str, pattern: re.Pattern[str]) -> Period:
    """The period, which the id must name too; the id's own form is looked at first."""
    in_id = pattern.fullmatch(delivery_id)
    if in_id is None:
        raise Refusal(
            "manifest_unreadable",
            "The manifest cannot be used: delivery_id is not of the form agency-period-number, such as nav-2026-T2-01.",
        )
    try:
        period = Period.parse(text)
    except UserError:
        raise Refusal("manifest_unreadable", "The manifest cannot be used: period is no tertial.") from None
    _demand(in_id["period"] == text, "period is not the one in delivery_id")
    return period


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in SANE_YEARS or len(text) <= len("2026-01-01"):
        raise Refusal("manifest_unreadable", "The manifest cannot be used: delivered_at is no time.")
    return moment if moment.tzinfo else moment.replace(tzinfo=NORWAY)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Refusal("manifest_unreadable", f"The manifest cannot be used: {otherwise}.")
