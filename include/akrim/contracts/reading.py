"""Reads contract files into `Contract` objects; errors name the file and what breaks the standard or our needs."""

import json
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)

from akrim.contracts.checking import checked
from akrim.contracts.model import KINDS, Column, Contract, EarlierVersion, Extract, Format, Meaning
from akrim.contracts.upgrades import read_earlier
from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.plain_yaml import read_yaml
from akrim.settings import get_settings

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
# What each property of ours holds; a list is one of texts.
HELD: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(LIMITS, (int, float)),
    **dict.fromkeys(("alsoAccepted", "dataCategory", "legalBasis"), (str,)),
    **dict.fromkeys(("exactlyOneOf", "modes"), (list,)),
    **dict.fromkeys(("appendOnly", "expectedEachPeriod", "openToFurtherFields", "optional"), (bool,)),
}


def load_contracts() -> dict[str, Contract]:
    """Every agreed contract by agency, in alphabetical order: those of AKRIM_CONTRACTS, and for the rest the package's own."""
    return _load(get_settings().contracts)


@lru_cache
def _load(further: Path | None) -> dict[str, Contract]:
    # The tests hold the package's own to the standard, which takes half a second for each process that needs a contract.
    own = Path(str(files("akrim.contracts"))).glob("*.yaml")
    found = {path.stem: checked(_contract(read_own(path.read_text("utf-8"))), path) for path in own}
    found |= {path.stem: read_contract(path) for path in (further.glob("*.yaml") if further else ())}
    return dict(sorted(found.items()))


def all_extracts() -> list[Extract]:
    """Every extract of every contract, parents before children."""
    return [extract for contract in load_contracts().values() for extract in contract.extracts]


def read_contract(path: Path) -> Contract:
    """One contract file; raises UserError naming the field that is wrong."""
    content = read_yaml(path, "contract", "Compare it with another agency's contract.")
    error = best_match(_standard().iter_errors(content))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "top level"
        raise UserError(
            f"The contract breaks the Open Data Contract Standard: {error.message[:200]}",
            f"{path.name}: {place}",
            "Compare it with another agency's contract.",
        )
    return checked(_contract(content), path)


@lru_cache
def _standard() -> Any:
    """The standard's validator, made once, since checking the schema itself for each contract takes most of the time."""
    schema = json.loads(OpenDataContractStandard.json_schema())
    return validator_for(schema)(schema)


def _contract(content: dict[str, Any]) -> Contract:
    document = OpenDataContractStandard(**content)
    agency = document.name or ""
    extra = _extra(document.customProperties, f"{agency[:40]}.yaml")
    formats = {
        server.server or "": Format(
            name=server.format,  # type: ignore[arg-type]  # checking.py holds it to the known formats
            encoding=server.encoding or "utf-8",
            delimiter=server.delimiter or ";",
        )
        for server in document.servers or []
    }
    extracts = tuple(
        _extract(agency, schema, formats, bool(extra.get("appendOnly"))) for schema in document.schema_ or []
    )
    return Contract(
        agency=agency,
        version=document.version or "",
        extracts=tuple(_parents_first(extracts)),
        modes=tuple(extra.get("modes", ("full", "delta"))),
        is_expected_each_period=bool(extra.get("expectedEachPeriod", True)),
        is_append_only=bool(extra.get("appendOnly", False)),
        purpose=(document.description.purpose if document.description else None) or "",
        earlier_versions=_earlier(agency, extra.get("earlierVersions", [])),
        limitations=(document.description.limitations if document.description else None) or "",
    )


def _earlier(agency: str, stated: Any) -> tuple[EarlierVersion, ...]:
    try:
        return read_earlier(stated)
    except (ValueError, TypeError, LookupError, AttributeError):
        raise UserError(
            "The contract's earlierVersions are of another form than is read.",
            f"{agency[:40]}.yaml: earlierVersions",
            "CONTRIBUTING.md shows it, under the new version of a contract.",
        ) from None


def _extract(agency: str, schema: SchemaObject, formats: dict[str, Format], is_append_only: bool) -> Extract:
    where = f"{agency[:40]}.yaml: {schema.name}"
    extra = _extra(schema.customProperties, where)
    names = [schema.physicalType or "csv", *([extra["alsoAccepted"]] if "alsoAccepted" in extra else [])]
    missing = [name for name in names if name not in formats]
    if missing:
        raise UserError(
            f"No server says how the format {missing[0][:60]} is written.",
            where,
            "Add it to the contract's `servers`.",
        )
    row_counts = [q.mustBeBetween for q in schema.quality or [] if q.metric == "rowCount" and q.mustBeBetween]
    limits = {ours: extra[theirs] for theirs, ours in LIMITS.items() if theirs in extra}
    if row_counts:
        limits["row_count_limits"] = tuple(row_counts[0])
    return Extract(
        agency=agency,
        name=schema.name or "",
        columns=tuple(_columns(schema.properties or [], extra.get("dataCategory", ""))),
        formats=tuple(formats[name] for name in names),
        is_append_only=is_append_only,
        is_optional=bool(extra.get("optional")),
        exactly_one_of=tuple(extra.get("exactlyOneOf", ())),
        is_open=bool(extra.get("openToFurtherFields", False)),
        legal_basis=extra.get("legalBasis", ""),
        description=schema.description or "",
        **limits,
    )


def _columns(
    properties: list[SchemaProperty], category: str, prefix: str = "", needed_with: str = ""
) -> Iterator[Column]:
    """Flatten nested objects; a field that an optional object requires is required only with the object.

    A field that is not classified is of the extract's `dataCategory`, if it has one.
    """
    for field in properties:
        path = f"{prefix}{field.name}"
        if field.logicalType == "object":
            owner = needed_with or ("" if field.required else path)
            yield from _columns(field.properties or [], category, path + ".", owner)
        else:
            yield _column(field, category, path, needed_with)


def _column(field: SchemaProperty, category: str, path: str, needed_with: str) -> Column:
    options = field.logicalTypeOptions or {}
    tags = field.tags or []
    target = str(field.relationships[0].to) if field.relationships else ""
    extract, _, related = target.partition(".")
    meanings = [meaning for meaning in get_args(Meaning) if meaning in tags]
    return Column(
        path=path,
        kind=KINDS.get(field.logicalType or "string", field.logicalType),  # type: ignore[arg-type]  # checking.py holds it to the known kinds
        is_key=bool(field.primaryKey),
        is_required=bool(field.required),
        needed_with=needed_with,
        codes=tuple(str(code.value) for code in field.enum or []),
        never_load_others="neverLoadOthers" in tags,
        is_prefilled="prefilled" in tags,
        meaning=meanings[0] if meanings else None,
        parent=(extract, related) if target else None,
        date_format=options.get("format", "YYYY-MM-DD"),
        is_future_allowed="futureAllowed" in tags,
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        category=field.classification or category,
        description=field.description or "",
        labels={str(code.value): code.label for code in field.enum or [] if code.label},
    )


def _extra(properties: list[CustomProperty] | None, where: str) -> dict[str, Any]:
    """The properties by name; raises UserError where one is stated twice, or one of ours holds something else than it is to."""
    extra: dict[str, Any] = {}
    for name, value in ((str(one.property), one.value) for one in properties or []):
        if name in extra or (name in HELD and not _is_held(value, HELD[name])):
            fault = "is stated twice" if name in extra else f"cannot be {str(value)[:60]!r}"
            raise UserError(
                f"The property {name[:60]} {fault}.", where, "Compare it with another agency's contract."
            )
        extra[name] = value
    return extra


def _is_held(value: Any, kinds: tuple[type, ...]) -> bool:
    if type(value) not in kinds:  # True is no number here
        return False
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str) or value >= 0


def _parents_first(extracts: tuple[Extract, ...]) -> Iterator[Extract]:
    done: set[str] = set()
    waiting = list(extracts)
    while waiting:
        ready = [e for e in waiting if all(parent in done for _, parent in e.parents)] or waiting
        yield ready[0]
        done.add(ready[0].name)
        waiting.remove(ready[0])
