"""The plausibility limits: those of limits.yml, and an installation's own in their place.

An installation's file names what differs alone; what it names that is no limit, or is no number, is an error.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.plain_yaml import read_yaml

NEXT = "Write it as akrim's own releases/limits.yml, with what differs alone; AKRIM_LIMITS names it."


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Actors(_Section):
    """The number of persons on the lists."""

    fewest_share: float = Field(ge=0)
    most_share: float = Field(ge=0)
    smallest_list: int = Field(ge=0, le=2**53)


class Quarantine(_Section):
    """Rows of new deliveries that were set aside."""

    largest_share: float = Field(ge=0)
    fewest_rows: int = Field(ge=0, le=2**53)


class Linkage(_Section):
    """Persons compared with the release before."""

    records_per_person_change: float = Field(ge=0)
    stability_index: float = Field(ge=0)


class Limits(_Section):
    """Every limit; a release that exceeds one is put on hold."""

    actors: Actors
    agency_age_days: int = Field(ge=0, le=2**31 - 1)
    quarantine: Quarantine
    linkage: Linkage


def read_limits(own: Path | None) -> Limits:
    """The limits that count; raises UserError where the installation's own file is none of limits."""
    limits: dict[str, Any] = read_own(files("akrim.releases").joinpath("limits.yml"))
    for name, value in read_yaml(own, "file of plausibility limits", NEXT).items() if own else ():
        known = limits.get(name)
        limits[name] = known | value if isinstance(known, dict) and isinstance(value, dict) else value
    try:
        return Limits(**limits)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])[:80]
        why = f"The file of plausibility limits cannot be used: {name!a}: {first['msg']}."
        raise UserError(why, str(own or "limits.yml"), NEXT) from None
