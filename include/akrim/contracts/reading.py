"""Reads contract files into `Contract` objects; errors name the file and what breaks the standard or our needs."""

import json
import re
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

from akrim.contracts.forbidden import check_nothing_forbidden
from akrim.contracts.model import Column, Contract, EarlierVersion, Extract, Format, FormatName, Kind, Meaning
from akrim.contracts.upgrades import read_earlier, what_is_wrong
from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.plain_yaml import read_yaml
from akrim.settings import get_settings

# Limits that keep names below PostgreSQL's 63: a partition's name is the agency, the extract and ten more characters.
AGENCY = re.compile("[a-z]{1,20}")
NAME = re.compile("[a-z][a-z0-9_]{0,29}")
FIELD = re.compile(r"(?=.{1,63}\Z)[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,5}")
CODE = re.compile(r"[A-Za-zÆØÅæøå0-9][A-Za-zÆØÅæøå0-9_. -]{0,79}")
CATEGORY = re.compile("[a-z][a-z_]{0,29}")
DATE_FORMAT = re.compile(r"YYYY-MM-DD|DD\.MM\.YYYY")
KINDS: dict[str, Kind] = {
    "string": "text", "date": "date", "integer": "integer", "number": "decimal", "boolean": "boolean", "array": "text_list",
}  # fmt: skip


def load_contracts() -> dict[str, Contract]:
    """Every agreed contract by agency, in alphabetical order: those of AKRIM_CONTRACTS, and for the rest the package's own."""
    return _load(get_settings().contracts)


@lru_cache
def _load(further: Path | None) -> dict[str, Contract]:
    # The tests hold the package's own to the standard, which takes half a second for each process that needs a contract.
    own = Path(str(files("akrim.contracts"))).glob("*.yaml")
    found = {path.stem: _checked(_contract(read_own(path.read_text("utf-8"))), path) for path in own}
    found |= {path.stem: read_contract(path) for path in (further.glob("*.yaml") if further else ())}
    return dict(sorted(found.items()))


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
    return _checked(_contract(content), path)


@lru_cache
def _standard() -> Any:
    """The standard's validator, made once, since checking the schema itself for each contract takes most of the time."""
    schema = json.loads(OpenDataContractStandard.json_schema())
    return validator_for(schema)(schema)


def _contract(content: dict[str, Any]) -> Contract:
    document = OpenDataContractStandard(**content)
    agency = document.name or ""
    extra = _extra(document.customProperties)
    formats = {
        server.server or "": Format(
            name=server.format,  # type: ignore[arg-type]  # the check below holds it to the known formats
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
    extra = _extra(schema.customProperties)
    names = [schema.physicalType or "csv", *([extra["alsoAccepted"]] if "alsoAccepted" in extra else [])]
    missing = [name for name in names if name not in formats]
    if missing:
        raise UserError(
            f"No server says how the format {missing[0][:60]} is written.",
            f"{agency[:40]}.yaml: {schema.name}",
            "Add it to the contract's `servers`.",
        )
    row_counts = [q.mustBeBetween for q in schema.quality or [] if q.metric == "rowCount" and q.mustBeBetween]
    limits = {
        ours: extra[theirs]
        for theirs, ours in (
            ("quarantineShare", "quarantine_share"),
            ("quarantineRows", "quarantine_rows"),
            ("fewestShare", "fewest_share"),
            ("mostShare", "most_share"),
            ("fewestRows", "fewest_rows"),
            ("largestFileBytes", "largest_file_bytes"),
            ("largestExpansion", "largest_expansion"),
            ("largestUnpackedBytes", "largest_unpacked_bytes"),
            ("mostRows", "most_rows"),
            ("longestValueBytes", "longest_value_bytes"),
            ("deepestNesting", "deepest_nesting"),
        )
        if theirs in extra
    }
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
        kind=KINDS.get(field.logicalType or "string", field.logicalType),  # type: ignore[arg-type]  # the check below holds it to the known kinds
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


def _extra(properties: list[CustomProperty] | None) -> dict[str, Any]:
    return {str(extra.property): extra.value for extra in properties or []}


def _parents_first(extracts: tuple[Extract, ...]) -> Iterator[Extract]:
    done: set[str] = set()
    waiting = list(extracts)
    while waiting:
        ready = [e for e in waiting if all(parent in done for _, parent in e.parents)] or waiting
        yield ready[0]
        done.add(ready[0].name)
        waiting.remove(ready[0])


def _check_names(contract: Contract, path: Path) -> None:
    """Check the form of names, codes and formats, which become parts of tables and queries."""
    named = [("agency", AGENCY, contract.agency)]
    for extract in contract.extracts:
        named.append(("extract", NAME, extract.name))
        for column in extract.columns:
            named += [("field", FIELD, column.path), ("date format", DATE_FORMAT, column.date_format)]
            named += [("code", CODE, code) for code in column.codes]
            named += [("related field", FIELD, part) for part in column.parent or ()]
    for upgrade in (u for earlier in contract.earlier_versions for u in earlier.extracts.values()):
        named += [("earlier field", FIELD, path) for path in upgrade.renamed]
        named += [("earlier code", CODE, code) for codes in upgrade.codes.values() for code in codes]
    for what, pattern, name in named:
        if not pattern.fullmatch(name):
            raise UserError(
                f"{name[:60]!r} cannot be used as the contract's {what}.",
                path.name,
                f"It must be of the form {pattern.pattern}.",
            )


def _checked(contract: Contract, path: Path) -> Contract:
    """The contract; raises UserError for what the standard has no words for."""
    _check_names(contract, path)
    check_nothing_forbidden(contract, path.name)
    keys: dict[str, str] = {}
    for extract in contract.extracts:
        where = f"{path.name}: {extract.name}"
        _check_extract(extract, where)
        _check_parents(extract, keys, where)
        keys[extract.name] = extract.key.path
    wrong = next(what_is_wrong(contract), None)
    if wrong:
        raise UserError(
            wrong, f"{path.name}: earlierVersions", "CONTRIBUTING.md says what an upgrade can tell."
        )
    if contract.agency != path.stem:
        raise UserError(
            f"The contract's name is {contract.agency!r}, its file's is {path.stem!r}.",
            path.name,
            "Give the file the agency's name.",
        )
    return contract


def _check_parents(extract: Extract, keys: dict[str, str], where: str) -> None:
    """Check that each parent is among the extracts before it, by their keys: in a circle no order would put all of them there."""
    for column, parent in extract.parents:
        if (parent, keys.get(parent)) != column.parent:
            raise UserError(
                f"{column.path} leads to {'.'.join(column.parent or ())[:100]}, which is no key that stands without this extract.",
                where,
                "Name another extract of the contract and its primaryKey, as `extract.field`; extracts may not be parents in a circle.",
            )


def _check_extract(extract: Extract, where: str) -> None:
    keys = [column for column in extract.columns if column.is_key]
    if len(keys) != 1:
        raise UserError("An extract needs exactly one primaryKey.", where, "Mark one property as primaryKey.")
    unknown = {form.name for form in extract.formats} - set(get_args(FormatName))
    if unknown:
        raise UserError(
            f"No reader for the format {', '.join(sorted(unknown))}.",
            where,
            f"Use one of {', '.join(get_args(FormatName))}.",
        )
    of_no_kind = [f"{c.path} ({c.kind})" for c in extract.columns if c.kind not in get_args(Kind)]
    if of_no_kind:
        raise UserError(
            f"No column holds the type of {', '.join(of_no_kind[:5])}.",
            where,
            f"Use one of {', '.join(KINDS)}.",
        )
    unclassified = [column.path for column in extract.columns if not CATEGORY.fullmatch(column.category)]
    if unclassified:
        raise UserError(
            f"No category of data is given for {', '.join(unclassified[:5])}.",
            where,
            "Give each field a `classification`, and the sharing matrix a line for it (docs/sharing.md).",
        )
