"""Reads contract files into `Contract` objects; errors name the file and what breaks the standard or our needs."""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

from akrim.contracts.checking import checked
from akrim.contracts.model import KINDS, Column, Contract, EarlierVersion, Extract, Format, Meaning
from akrim.contracts.properties import LIMITS, OF_CONTRACT, OF_EXTRACT, nearest, read_properties
from akrim.contracts.upgrades import read_earlier
from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.plain_yaml import read_yaml
from akrim.settings import get_settings

# What a field may say beside its type: nothing would be held to any other option, or to what is nearly one of these tags.
TAGS = {*get_args(Meaning), "futureAllowed", "neverLoadOthers", "prefilled"}
OPTIONS = {"date": {"format"}, "integer": {"minimum", "maximum"}, "number": {"minimum", "maximum"}}


def load_contracts() -> dict[str, Contract]:
    """Every agreed contract by agency, in alphabetical order: those of AKRIM_CONTRACTS, and for the rest the package's own."""
    return _load(get_settings().contracts)


@lru_cache
def _load(further: Path | None) -> dict[str, Contract]:
    # The tests hold the package's own to the standard, which takes half a second for each process that needs a contract.
    own = Path(str(files("akrim.contracts"))).glob("*.yaml")
    found = {path.stem: checked(_contract(read_own(path)), path) for path in own}
    found |= {path.stem: read_contract(path) for path in (further.glob("*.yaml") if further else ())}
    return dict(sorted(found.items()))


def all_extracts() -> list[Extract]:
    """Every extract of every contract, parents before children."""
    return [extract for contract in load_contracts().values() for extract in contract.extracts]


def extracts_by_name() -> dict[tuple[str, str], Extract]:
    """Every extract of every contract, by agency and name."""
    return {(extract.agency, extract.name): extract for extract in all_extracts()}


def read_contract(path: Path) -> Contract:
    """One contract file; raises UserError naming the field that is wrong."""
    content = read_yaml(path, "contract", "Compare it with another agency's contract.")
    errors = list(_standard().iter_errors(content))
    # Of a field that is wrong in one place, the standard's schema says as well that nothing else of it is allowed.
    error = best_match([e for e in errors if e.validator != "unevaluatedProperties"] or errors)
    if error is not None:
        place = _place(content, error.absolute_path) or "top level"
        message = error.message
        if error.validator == "required" and "map" in message and "logicalType" not in error.instance:
            message = (
                "'logicalType' is a required property"  # without a type it would be a map, says the standard
            )
        raise UserError(
            f"The contract breaks the Open Data Contract Standard: {message[:200]}",
            f"{path.name}: {place}",
            "Compare it with another agency's contract.",
        )
    return checked(_contract(content), path)


def _place(content: Any, path: Iterable[str | int]) -> str:
    """Where in the file something is, by the names of extracts and fields rather than by their number."""
    parts = []
    for part in path:
        content = content[part]
        name = content.get("name") if isinstance(content, dict) and isinstance(part, int) else None
        parts.append(str(name or part)[:60])
    return ".".join(parts)


@lru_cache
def _standard() -> Any:
    """The standard's validator, made once, since checking the schema itself for each contract takes most of the time."""
    schema = json.loads(OpenDataContractStandard.json_schema())
    return validator_for(schema)(schema)


def _contract(content: dict[str, Any]) -> Contract:
    document = OpenDataContractStandard(**content)
    agency = document.name or ""
    extra = read_properties(document.customProperties, OF_CONTRACT, f"{agency[:40]}.yaml")
    formats = {
        server.server or "": Format(
            name=server.format,  # type: ignore[arg-type]  # checking.py holds it to the known formats
            encoding=server.encoding or "utf-8",
            delimiter=server.delimiter or ";",
        )
        for server in document.servers or []
    }
    is_append_only = bool(extra.get("appendOnly"))
    extracts = tuple(_extract(agency, schema, formats, is_append_only) for schema in document.schema_ or [])
    return Contract(
        agency=agency,
        version=document.version or "",
        extracts=tuple(_parents_first(extracts)),
        modes=tuple(extra.get("modes", ("delta",) if is_append_only else ("full", "delta"))),
        is_expected_each_period=bool(extra.get("expectedEachPeriod", True)),
        is_append_only=is_append_only,
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
    extra = read_properties(schema.customProperties, OF_EXTRACT, where)
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
        columns=tuple(_columns(schema.properties or [], extra.get("dataCategory", ""), where)),
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
    properties: list[SchemaProperty], category: str, where: str, prefix: str = "", needed_with: str = ""
) -> Iterator[Column]:
    """Flatten nested objects; a field that an optional object requires is required only with the object.

    A field that is not classified is of the extract's `dataCategory`, if it has one.
    """
    for field in properties:
        path = f"{prefix}{field.name}"
        if field.logicalType == "object":
            owner = needed_with or ("" if field.required else path)
            yield from _columns(field.properties or [], category, where, path + ".", owner)
        else:
            _check_field(field, path, where)
            yield _column(field, category, path, needed_with)


def _check_field(field: SchemaProperty, path: str, where: str) -> None:
    """Raise UserError where a field says what nothing would be held to, or what YAML reads as something else."""
    tags = set(field.tags or [])
    options = OPTIONS.get(field.logicalType or "", set())
    unread = sorted(tag for tag in tags - TAGS if nearest(tag, TAGS)) + sorted(
        (field.logicalTypeOptions or {}).keys() - options
    )
    if unread:
        raise UserError(
            f"{path[:60]} states {unread[0][:60]!r}, to which nothing would be held.",
            where,
            f"Use the tags {', '.join(sorted(TAGS))}, and of the type {field.logicalType} the logicalTypeOptions"
            f" {', '.join(sorted(options)) or 'none'}.",
        )
    meanings = sorted(tags & set(get_args(Meaning)))
    if len(meanings) > 1 or (meanings and field.logicalType != "string"):
        raise UserError(
            f"{path[:60]} cannot be {' and '.join(meanings)}, of the type {field.logicalType}.",
            where,
            "Give a field one such tag, and the type string: a number's first noughts count.",
        )
    if field.logicalType == "string" and not all(isinstance(code.value, str) for code in field.enum or []):
        raise UserError(
            f"A code of {path[:60]} is no text.",
            where,
            "Put codes in quotes: without, YAML reads NO as false and 01 as a number.",
        )


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


def _parents_first(extracts: tuple[Extract, ...]) -> Iterator[Extract]:
    done: set[str] = set()
    waiting = list(extracts)
    while waiting:
        ready = [e for e in waiting if all(parent in done for _, parent in e.parents)] or waiting
        yield ready[0]
        done.add(ready[0].name)
        waiting.remove(ready[0])
