"""What became of a delivery, and why one is refused."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

# The order of specification section 5: of several reasons, the first in this list is given.
REFUSAL_CODES = (
    "manifest_missing",
    "manifest_unreadable",
    "unknown_agency",
    "unknown_contract_version",
    "unknown_mode",
    "misplaced",
    "bad_signature",
    "synthetic_mismatch",
    "delivery_id_reused",
    "unknown_predecessor",
    "bad_file_name",
    "file_missing",
    "bytes_mismatch",
    "sha256_mismatch",
    "extract_missing",
    "unknown_extract",
    "unreadable_file",
    "columns",
    "rows_mismatch",
    "quarantine_share",
)


class FormOrigin(NamedTuple):
    """The centre that is told what became of a decision form, and the release that the form is for, where that is known."""

    centre_id: str
    release_id: str | None


class Refusal(Exception):
    """A reason to refuse the whole delivery.

    Args:
        code: one of REFUSAL_CODES.
        detail: a plain sentence without personal data: what is wrong, where, what to do.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.form: FormOrigin | None = None  # whose decision form it was, where that can be told

    @property
    def rank(self) -> int:
        return REFUSAL_CODES.index(self.code)


def first_refusal(refusals: list[Refusal]) -> Refusal | None:
    """The one that the specification's order puts first."""
    return min(refusals, key=lambda refusal: refusal.rank, default=None)


@dataclass(frozen=True)
class DeliveryOutcome:
    """What became of one delivery in one run; `quarantined` counts rows by extract."""

    delivery_id: str
    agency: str
    status: Literal["accepted", "refused", "already_loaded", "waiting"]
    code: str | None = None
    detail: str | None = None
    loaded: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_new: bool = True
