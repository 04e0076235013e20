"""Earlier versions of a contract that are still taken, and how their rows become rows of the present one.

A contract states them in its property `earlierVersions`: what it calls otherwise, has more of, or codes otherwise than
then. The extract as it was agreed then follows from that, so that no older file is kept beside it.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from akrim.contracts.model import Contract, EarlierVersion, Extract, Upgrade


def read_earlier(stated: Any) -> tuple[EarlierVersion, ...]:
    """What `earlierVersions` holds; raises ValueError, TypeError, LookupError or AttributeError where it is of another form."""
    return tuple(_version(**one) for one in stated)


def _version(
    version: Any,
    acceptedUntil: Any,  # noqa: N803  # as contracts write it
    extracts: dict[str, dict[str, Any]] | None = None,
) -> EarlierVersion:
    upgrades = {name: _upgrade(**differs) for name, differs in (extracts or {}).items()}
    return EarlierVersion(str(version), date.fromisoformat(str(acceptedUntil)), upgrades)


def _upgrade(
    added: Any = (), renamed: dict[str, str] | None = None, codes: dict[str, dict[str, str]] | None = None
) -> Upgrade:
    by_field = {name: dict(of) for name, of in (codes or {}).items()}
    if not all(isinstance(code, str) for of in by_field.values() for code in (*of, *of.values())):
        raise TypeError("a code is no text: YAML reads NO as false")
    return Upgrade(tuple(added), dict(renamed or {}), by_field)


def what_is_wrong(contract: Contract) -> Iterator[str]:
    """What keeps a row of an earlier version from becoming one of this: a sentence each."""
    versions = [earlier.version for earlier in contract.earlier_versions]
    for earlier in contract.earlier_versions:
        if versions.count(earlier.version) > 1:
            yield f"The version {earlier.version} is stated twice."
        if earlier.version == contract.version:
            yield f"The version {earlier.version} is the contract's own."
        known = {extract.name: extract for extract in contract.extracts}
        for name, upgrade in earlier.extracts.items():
            if name in known:
                yield from _wrong(known[name], upgrade)
            else:
                yield f"There is no extract {name[:60]!r}."


def _wrong(extract: Extract, upgrade: Upgrade) -> Iterator[str]:
    columns = {column.path: column for column in extract.columns}
    named = {*upgrade.added, *upgrade.renamed.values(), *upgrade.codes}
    for path in sorted(named - columns.keys()):
        yield f"{extract.name} has no field {path[:60]!r}."
    for path in sorted(named & set(upgrade.added)):
        if path in columns and (columns[path].is_required or columns[path].is_key):
            yield f"{extract.name}: what is added must not be required, as {path} is: older rows have none."
    for path in sorted(upgrade.renamed.keys() & columns.keys()):
        yield f"{extract.name}: {path} is a field still, so that it cannot be another's earlier name."
    for path, codes in upgrade.codes.items():
        agreed = columns[path].codes if path in columns else ()
        if set(codes) & set(agreed) or not set(codes.values()) <= set(agreed):
            yield f"{extract.name}: codes of {path} must lead from such as are agreed no longer to such as are."
