"""The register of rule versions: a version of a rule always means the same.

dbt_project/rule_versions.csv has one row per version of a rule, dbt_project/rule_foundations.csv one per accepted text of a
part: a rule's own SQL, or what it rests on. Both are append-only. A rule whose numbers or definition changed needs a new
version. A part that changed needs a stated reason why its rules still mean the same; if they do not, the part's version
rises and each of those rules needs a new version too.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from akrim.errors import UserError
from akrim.rules.catalogue import Rule
from akrim.rules.foundations import Part, parts_of
from akrim.settings import get_settings

Verdict = Literal["same", "changed"]


class RuleVersion(NamedTuple):
    """A version of a rule: the hash of its numbers and words, and the parts of it whose version has risen."""

    indicator_code: str
    indicator_version: int
    valid_from: str
    sha256: str
    foundations: str


class Foundation(NamedTuple):
    """An accepted text of a part: the version of its meaning, and why that did or did not rise."""

    name: str
    version: int
    sha256: str
    reason: str


class Register(NamedTuple):
    """Both files."""

    rules: dict[tuple[str, int], RuleVersion]
    foundations: list[Foundation]

    def current(self) -> dict[str, Foundation]:
        """The newest text of each part."""
        return {row.name: row for row in self.foundations}


class RuleChange(NamedTuple):
    """What changed with a version of a rule: its own numbers or definition, and the parts that mean something else, by reason."""

    version: int
    valid_from: str
    is_restated: bool
    parts: dict[str, list[str]]


def read_changes(code: str) -> list[RuleChange]:
    """Every version of the rule, oldest first; the first changes nothing, and a rule that is not registered has none."""
    register = read(get_settings().project_root / "dbt_project")
    reasons = {(part.name, part.version): part.reason for part in reversed(register.foundations)}
    versions = sorted(row for row in register.rules.values() if row.indicator_code == code)
    found = []
    for before, row in zip([None, *versions], versions, strict=False):
        parts: dict[str, list[str]] = {}
        for part in sorted(_risen(row) - _risen(before or row)):
            parts.setdefault(reasons.get(part, ""), []).append(part[0])
        is_restated = before is not None and before.sha256 != row.sha256
        found.append(RuleChange(row.indicator_version, row.valid_from, is_restated, parts))
    return found


def _risen(row: RuleVersion) -> set[tuple[str, int]]:
    """The parts that it rests on whose version has risen, each with its version."""
    names = (part.rpartition(" ") for part in row.foundations.split("; ") if part)
    return {(name, int(version)) for name, _, version in names}


def fingerprint(rule: Rule) -> str:
    """One hash over what a rule states: its numbers and its definition. Its SQL is a part."""
    stated = (
        rule.threshold,
        rule.points,
        rule.step_size,
        rule.step_points,
        rule.cap,
        rule.agencies,
        rule.dimension,
        rule.definition("nb").replace("\u00a0", " "),
        *([rule.look_back] if rule.look_back else []),
    )
    return hashlib.sha256(repr(stated).encode()).hexdigest()


def read(project: Path) -> Register:
    """The register in the project's folder; empty where there is none."""
    rules = [
        RuleVersion(code, int(version), valid_from, sha256, foundations)
        for code, version, valid_from, sha256, foundations in _rows(project / "rule_versions.csv")
    ]
    foundations = [
        Foundation(name, int(version), sha256, reason)
        for name, version, sha256, reason in _rows(project / "rule_foundations.csv")
    ]
    return Register({(row.indicator_code, row.indicator_version): row for row in rules}, foundations)


def write(register: Register, project: Path) -> None:
    """Write both files anew, rules by code and version, foundations in the order of their acceptance."""
    _write(project / "rule_versions.csv", RuleVersion._fields, sorted(register.rules.values()))
    _write(project / "rule_foundations.csv", Foundation._fields, register.foundations)


def extend(
    register: Register,
    rules: Iterable[Rule],
    parts: Mapping[str, Part],
    verdict: Verdict | None = None,
    reason: str = "",
) -> Register:
    """The register with the new rule versions and part texts.

    Args:
        verdict: whether the changed parts keep or change the rules' meaning; `reason` says why.

    Raises UserError where a part changed and no verdict is given, or a rule changed under its old version.
    """
    rules = list(rules)
    parts_of_rules = {rule.code: parts_of(rule.code, parts) for rule in rules}
    foundations = _with_new_parts(answer(register, rules, parts, verdict, reason), parts_of_rules, parts)
    raised = {row.name: row.version for row in foundations if row.version > 1}
    known = dict(register.rules)
    for rule in rules:
        rests_on = "; ".join(
            f"{name} {raised[name]}" for name in sorted(parts_of_rules[rule.code] & raised.keys())
        )
        row = RuleVersion(rule.code, rule.version, str(rule.valid_from), fingerprint(rule), rests_on)
        before = known.setdefault((rule.code, rule.version), row)
        if (before.sha256, before.foundations) != (row.sha256, row.foundations):
            is_same = before.sha256 == row.sha256
            what = (
                "has parts that have changed their meaning"
                if is_same
                else "has changed its numbers or definition"
            )
            raise UserError(
                f"The rule {rule.code} {what} but is still version {rule.version}.",
                str(rule.model_path),
                "Raise its version in the YAML block, then run `make rules` again.",
            )
    return Register(known, foundations)


def answer(
    register: Register,
    rules: Iterable[Rule],
    parts: Mapping[str, Part],
    verdict: Verdict | None,
    reason: str,
    of: Iterable[str] = (),
) -> Register:
    """The register with a verdict on the changed parts, or on some of them alone; rules stay as they are, for `extend`."""
    current, reason, named = register.current(), reason.strip(), frozenset(of)
    if verdict is None or not reason:
        return register
    answered = [
        Foundation(name, current[name].version + (verdict == "changed"), parts[name].sha256, reason)
        for name in sorted(frozenset().union(*(parts_of(rule.code, parts) for rule in rules)))
        if name in current and current[name].sha256 != parts[name].sha256 and (not named or name in named)
    ]
    return register._replace(foundations=[*register.foundations, *answered])


def _with_new_parts(
    register: Register, parts_of_rules: Mapping[str, frozenset[str]], parts: Mapping[str, Part]
) -> list[Foundation]:
    """The foundations with a row for every part that is new; raises UserError where another has changed without a verdict."""
    current = register.current()
    foundations = list(register.foundations)
    for name in sorted(frozenset().union(*parts_of_rules.values())):
        before, sha256 = current.get(name), parts[name].sha256
        if before is None:
            foundations.append(Foundation(name, 1, sha256, ""))
        elif before.sha256 != sha256:
            above = sorted(code for code, reached in parts_of_rules.items() if name in reached)
            raise UserError(
                f"The {name} has changed, and rules are built on it.",
                ", ".join(above),
                'If they still mean the same, `make rules SAME="why"`; if not, `make rules CHANGED="how"` and raise their'
                f' versions. `OF="{name}"` says it of this part alone.',
            )
    return foundations


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
