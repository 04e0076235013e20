"""The schema of pins.json: ids and names by closed patterns, since they become paths and settings.

A document is validated before any use, whoever signed it.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from akrim.deliveries.inbox import DELIVERY_ID, FORM_ID, REPLAY_ID
from akrim.periods import PERIOD_PATTERN, RELEASE_PATTERN
from akrim.texts import Language


def _matching(*patterns: str | re.Pattern[str]) -> AfterValidator:
    """Validates that one of the patterns matches the whole text."""

    def check(text: str) -> str:
        if not any(re.fullmatch(pattern, text) for pattern in patterns):
            raise ValueError("it is not of the form agreed")
        return text

    return AfterValidator(check)


Agency = Annotated[str, _matching(r"[a-z]{1,40}")]
DeliveryId = Annotated[str, _matching(DELIVERY_ID, REPLAY_ID, FORM_ID)]
Name = Annotated[str, _matching(r"[a-z_]{1,40}")]
Data = Annotated[str, _matching(r"[a-z]{1,40}\.[a-z_]{1,40}")]
Extract = Annotated[str, _matching(r"[a-z][a-z0-9_]{0,29}")]
Day = Annotated[str, _matching(r"\d{4}-\d{2}-\d{2}")]
Digest = Annotated[str, _matching(r"[0-9a-f]{64}")]
ReleaseId = Annotated[str, _matching(RELEASE_PATTERN)]
ModelVersion = Annotated[str, _matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}:[0-9a-f]{1,64}")]
# Neither a path nor a hidden file.
FormName = Annotated[str, _matching(r"[^/\\\x00-\x1f.~][^/\\\x00-\x1f]{0,199}\.xlsx")]
Rows = list[dict[str, Any]]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Open(BaseModel):
    """Fields of other versions are kept, and used for nothing."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Settings(_Strict):
    data_mode: Literal["synthetic", "production"]
    language: Language
    exports: list[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]] = []
    recommended_measures: bool = False


class _Delivery(_Strict):
    delivery_id: DeliveryId
    manifest_sha256: Digest


class _ProtectionDelivery(_Delivery):
    is_lift_void: bool


class _Extract(_Strict):
    delivery_id: DeliveryId
    state: Literal["first", "unchanged", "empty", "shrunken", "swollen", "changed"]
    as_of: Day | None
    rows: int | None
    rows_usual: int | None
    is_confirmed: bool


class _Cell(_Strict):
    extract: Extract
    cell: Annotated[str, _matching(r"[A-Z]{0,3}[0-9]{1,7}")]
    column: Annotated[str, _matching(r"[a-z0-9_]{0,40}")]
    code: Name
    release_id: ReleaseId | None = None


class _RefusedForm(_Strict):
    release_id: ReleaseId | None
    code: Name
    forms: int
    is_replaced: bool


class _Answer(_Strict):
    read: int
    rows: list[list[_Cell]]
    refused: list[_RefusedForm]
    in_refused: int = 0


class _Inputs(_Open):
    deliveries: dict[Agency, list[_Delivery]]
    extracts: dict[Agency, dict[Extract, _Extract]] = {}
    protections: dict[Agency, list[_ProtectionDelivery]] = {}
    settings: _Settings
    model: ModelVersion
    code: str
    link_decisions: str
    corrections: Rows = []
    withheld: dict[Name, dict[Data, Literal["nothing", "hit"]]] = {}
    told_nationally: list[Data] = []
    answers: dict[Name, _Answer] = {}
    is_previous_recalled: bool = False


class _Release(_Open):
    release_id: ReleaseId
    period: Annotated[str, _matching(PERIOD_PATTERN)]
    revision: int
    serial: int
    fingerprint: str
    base_release_id: ReleaseId | None
    previous_release_id: ReleaseId | None
    last_period_release_id: ReleaseId | None
    last_decision_id: int
    inputs: _Inputs


class _Form(_Strict):
    name: FormName
    delivered_at: str


class _Document(_Strict):
    release_id: ReleaseId
    releases: list[_Release]
    link_decisions: Rows
    review_samples: Rows
    review_sample_records: Rows
    forms: dict[Annotated[str, _matching(FORM_ID)], _Form]
    form_keys: dict[ReleaseId, Digest] = {}

    @model_validator(mode="after")
    def _ends_with_itself(self) -> "_Document":
        if not self.releases or self.releases[-1].release_id != self.release_id:
            raise ValueError("the last of its releases is not the release itself")
        return self


def check_pins(document: object) -> None:
    """Raises ValueError, naming the place but no value, where the document does not match."""
    try:
        _Document.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = " ".join(part if part.isidentifier() else "…" for part in map(str, first["loc"]))
        raise ValueError(f"{place[:120]}: {first['msg']}".strip(": ")) from None
