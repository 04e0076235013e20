"""Whether a contract that keeps to the standard is one that the pipeline can work by; errors name what is wrong in which file."""

import math
import re
from pathlib import Path
from typing import get_args

from akrim.contracts.forbidden import check_nothing_forbidden
from akrim.contracts.model import KINDS, REMOVED_COLUMN, Contract, Extract, FormatName, Kind
from akrim.contracts.upgrades import what_is_wrong
from akrim.errors import UserError

# Limits that keep names below PostgreSQL's 63: a partition's name is the agency, the extract and ten more characters.
AGENCY = re.compile("[a-z]{1,20}")
NAME = re.compile("[a-z][a-z0-9_]{0,29}")
FIELD = re.compile(r"(?=.{1,63}\Z)[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,5}")
CODE = re.compile(r"[A-Za-zÆØÅæøå0-9][A-Za-zÆØÅæøå0-9_. -]{0,79}")
CATEGORY = re.compile("[a-z][a-z_]{0,29}")
DATE_FORMAT = re.compile(r"YYYY-MM-DD|DD\.MM\.YYYY")
ENCODING = re.compile("utf-8|iso-8859-1|iso-8859-15|windows-1252")
DELIMITER = re.compile(r"[\t,:;|~^]")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
# What tables of rows have beside the agreed fields, in landing, while they are judged, and in PostgreSQL itself.
OWN_COLUMNS = frozenset({
    "delivery_id", "row_number", "is_removed", "invalid_columns", "defect", "defect_raw", "mistyped", "removed", "cells",
    "ctid", "tableoid", "xmin", "xmax", "cmin", "cmax", REMOVED_COLUMN,
})  # fmt: skip
# What lies beside the extracts while they are judged; and the keys of each.
OWN_TABLES = frozenset({
    "delivery", "found", "found_now", "handed_out", "invalid", "quarantine", "results", "suspects", "violations",
})  # fmt: skip
OF_KEYS = "_keys"


def checked(contract: Contract, path: Path) -> Contract:
    """The contract; raises UserError for what the standard has no words for."""
    if not contract.extracts:
        raise UserError("The contract agrees on no extract.", path.name, "List one at least as `schema`.")
    _check_names(contract, path)
    _check_modes(contract, path.name)
    check_nothing_forbidden(contract, path.name)
    _check_clashes(contract, path.name)
    keys: dict[str, str] = {}
    for extract in contract.extracts:
        where = f"{path.name}: {extract.name}"
        _check_extract(extract, where)
        _check_alternatives(extract, where)
        _check_guarded(extract, where)
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


def _check_names(contract: Contract, path: Path) -> None:
    """Check the form of names, codes and formats, which become parts of tables and queries."""
    named = [("agency", AGENCY, contract.agency), ("version", VERSION, contract.version)]
    named += [("earlier version", VERSION, earlier.version) for earlier in contract.earlier_versions]
    for extract in contract.extracts:
        named.append(("extract", NAME, extract.name))
        for form in extract.formats:
            named += [("encoding", ENCODING, form.encoding), ("delimiter", DELIMITER, form.delimiter)]
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


def _check_modes(contract: Contract, file_name: str) -> None:
    """Check that deliveries can come: a delta alone where nothing is removed, else what it follows too."""
    modes = set(contract.modes)
    if not modes <= {"full", "delta"} or (modes == {"delta"}) is not contract.is_append_only or not modes:
        raise UserError(
            f"No delivery could come by the modes {', '.join(contract.modes)[:60] or 'that are none'}.",
            file_name,
            "Let `modes` be [full] or [full, delta]; with appendOnly, [delta].",
        )


def _check_clashes(contract: Contract, file_name: str) -> None:
    """Check that no two names mean one table or column, and none one of ours."""
    tables = [extract.name for extract in contract.extracts]
    taken = [(file_name, "extract", tables, OWN_TABLES | {name + OF_KEYS for name in tables})]
    for extract in contract.extracts:
        fields = [column.name for column in extract.columns]
        taken.append((f"{file_name}: {extract.name}", "field", fields, OWN_COLUMNS))
    for where, what, names, ours in taken:
        clash = next((name for name in names if name in ours or names.count(name) > 1), None)
        if clash:
            raise UserError(
                f"The {what} {clash} would be stored as another is, or as something of the pipeline's own.",
                where,
                "Agree on another name: upper and lower case, and a point and `_`, are stored alike.",
            )


def _check_parents(extract: Extract, keys: dict[str, str], where: str) -> None:
    """Check that each parent is among the extracts before it, by their keys: in a circle no order would put all of them there."""
    for column, parent in extract.parents:
        if (parent, keys.get(parent)) != column.parent:
            raise UserError(
                f"{column.path} leads to {'.'.join(column.parent or ())[:100]}, which is no key that stands without this extract.",
                where,
                "Name another extract of the contract and its primaryKey, as `extract.field`; extracts may not be parents in a circle.",
            )


def _check_guarded(extract: Extract, where: str) -> None:
    """Check that what may never be loaded is looked for: the reader of delimited text alone does, in one field."""
    guarded = [column.path for column in extract.columns if column.never_load_others]
    if len(guarded) > 1 or (guarded and any(form.name != "csv" for form in extract.formats)):
        raise UserError(
            f"Nothing would keep other codes of {', '.join(guarded)[:100]} from being loaded.",
            where,
            "Tag one field of an extract with neverLoadOthers, and agree on CSV alone for it.",
        )


def _check_alternatives(extract: Extract, where: str) -> None:
    """Check that there is something to choose from where one of several fields is due."""
    owners = extract.exactly_one_of
    if owners and len(set(owners)) < max(2, len(owners)):
        raise UserError(
            f"exactlyOneOf names {', '.join(owners)[:60]}, of which nobody can choose one.",
            where,
            "Name two or more fields or objects, each once.",
        )
    for owner in owners:
        if not extract.members(owner):
            raise UserError(
                f"exactlyOneOf names {owner[:60]!r}, which is no field or object of the extract.",
                where,
                "Name two or more of those that are.",
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
    unbounded = [c.path for c in extract.columns if not _is_range(c.minimum, c.maximum)]
    unbounded += [] if _is_range(*extract.row_count_limits) else ["mustBeBetween"]
    if unbounded:
        raise UserError(
            f"Nothing can be between the bounds of {', '.join(unbounded[:5])}.",
            where,
            "Give two numbers, the lower first.",
        )
    unclassified = [column.path for column in extract.columns if not CATEGORY.fullmatch(column.category)]
    if unclassified:
        raise UserError(
            f"No category of data is given for {', '.join(unclassified[:5])}.",
            where,
            "Give each field a `classification`, and the sharing matrix a line for it (docs/sharing.md).",
        )


def _is_range(lowest: float | None, highest: float | None) -> bool:
    bounds = [bound for bound in (lowest, highest) if bound is not None]
    return all(-math.inf < bound < math.inf for bound in bounds) and bounds == sorted(bounds)
