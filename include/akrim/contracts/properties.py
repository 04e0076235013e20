"""The custom properties of a contract and of its extracts: which of them are akrim's, and what each holds.

The standard lets every tool have properties and tags of its own in a contract. What is none of ours is left alone, unless it is so near
to one of ours that somebody would believe it to count.
"""

import math
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from open_data_contract_standard.model import CustomProperty

from akrim.errors import UserError

# An extract's limits, by the properties that set them.
LIMITS = {
    "quarantineShare": "quarantine_share",
    "quarantineRows": "quarantine_rows",
    "fewestShare": "fewest_share",
    "mostShare": "most_share",
    "fewestRows": "fewest_rows",
    "largestFileBytes": "largest_file_bytes",
    "largestExpansion": "largest_expansion",
    "largestUnpackedBytes": "largest_unpacked_bytes",
    "mostRows": "most_rows",
    "longestValueBytes": "longest_value_bytes",
    "deepestNesting": "deepest_nesting",
}
# What each property of ours holds, of an extract and of a contract; a list is one of texts.
OF_EXTRACT: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(LIMITS, (int,)),
    **dict.fromkeys(("quarantineShare", "fewestShare", "mostShare"), (int, float)),
    **dict.fromkeys(("alsoAccepted", "dataCategory", "legalBasis"), (str,)),
    **dict.fromkeys(("openToFurtherFields", "optional"), (bool,)),
    "exactlyOneOf": (list,),
}
OF_CONTRACT: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("appendOnly", "expectedEachPeriod"), (bool,)),
    "modes": (list,),
    "earlierVersions": (list,),
}
MOST = {"quarantineShare": 1, "fewestShare": 1, "longestValueBytes": 2**30}
FEWEST = {"mostShare": 1}


def read_properties(
    properties: list[CustomProperty] | None, known: dict[str, tuple[type, ...]], where: str
) -> dict[str, Any]:
    """Our properties by name; raises UserError where one is misspelt, out of place, stated twice, or holds something else than it is to."""
    extra: dict[str, Any] = {}
    for name, value in ((str(one.property), one.value) for one in properties or []):
        if name not in known:
            if nearest(name, [*OF_EXTRACT, *OF_CONTRACT]):
                raise UserError(
                    f"There is no property {name[:60]} here, so that what it says would count for nothing.",
                    where,
                    f"Use one of {', '.join(sorted(known))}.",
                )
            continue
        if name in extra or not _is_held(name, value, known[name]):
            fault = "is stated twice" if name in extra else f"cannot be {str(value)[:60]!r}"
            raise UserError(
                f"The property {name[:60]} {fault}.", where, f"Let it be {_held(name, known[name])}, once."
            )
        extra[name] = value
    return extra


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Which of the known names somebody may have meant who wrote this one; None where it is like none of them."""
    by_letters = {one.lower(): one for one in known}
    letters = name.lower().replace("_", "").replace("-", "")
    return next((by_letters[near] for near in get_close_matches(letters, by_letters, n=1, cutoff=0.87)), None)


def _is_held(name: str, value: Any, kinds: tuple[type, ...]) -> bool:
    if type(value) not in kinds:  # True is no number here
        return False
    if isinstance(value, list):
        return name == "earlierVersions" or all(isinstance(one, str) for one in value)
    return isinstance(value, str) or FEWEST.get(name, 0) <= value <= MOST.get(name, math.inf)


def _held(name: str, kinds: tuple[type, ...]) -> str:
    """What a property of ours holds, in words."""
    if int in kinds:
        most = f"to {MOST[name]}" if name in MOST else "up"
        return f"a {'' if float in kinds else 'whole '}number from {FEWEST.get(name, 0)} {most}"
    return {str: "a text", bool: "true or false", list: "a list"}[kinds[0]]
