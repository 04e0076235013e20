"""What a rule's meaning rests on beyond its own file: the models, seeds and macros that dbt says it reads, down to staging.

In goes the dbt project, out come its parts, each with its text but for comments and layout, and what lies beneath a
rule. What stands beneath staging (an extract's state, linkage) is no part of it: contracts and the linkage model have
versions of their own.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from akrim.rules.dbt import invoke

# A string; a comment of SQL, C or Jinja; a word; any other single sign. What stands between them is layout.
TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*'|\"[^\"]*\")|(?P<comment>\{#.*?#\}|--[^\n]*|/\*.*?\*/)|(?P<word>\w+|[^\w\s])",
    re.DOTALL,
)
# How a table is kept, its indexes say nothing of what is in it.
KEPT = re.compile(r"\{\{ config\(.*?\) \}\}", re.DOTALL)


class ProjectUnreadableError(ValueError):
    """dbt cannot make sense of the project."""


@dataclass(frozen=True)
class Part:
    """A model, seed or macro: what it says, and the parts that it reads."""

    text: str
    reads: frozenset[str]

    @property
    def sha256(self) -> str:
        """One hash over what it says and which parts it reads, but for comments, layout and how it is kept."""
        return hashlib.sha256("\n".join((meant(self.text), *sorted(self.reads))).encode()).hexdigest()


@cache
def meant(text: str) -> str:
    """SQL, with or without Jinja, but for its comments and layout."""
    tokens = (found["text"] or found["word"] for found in TOKEN.finditer(KEPT.sub("", text)))
    return " ".join(token for token in tokens if token)


def read_parts(project: Path) -> dict[str, Part]:
    """Every model, seed and macro of the project, named `model leaderships`, `seed definitions`, `macro led_on`.

    Raises ProjectUnreadableError where dbt cannot parse it.
    """
    parsed = invoke(project, "parse")
    if not parsed.success:
        raise ProjectUnreadableError(str(parsed.exception))
    manifest = parsed.result
    nodes = [node for node in manifest.nodes.values() if node.resource_type in {"model", "seed"}]
    macros = [macro for macro in manifest.macros.values() if macro.package_name == "akrim"]
    names = {one.unique_id: f"{one.resource_type} {one.name}" for one in (*nodes, *macros)}

    def part(text: str, *reads: str) -> Part:
        return Part(text, frozenset(names[one] for one in reads if one in names))

    parts = {}
    for one in nodes:
        if one.resource_type == "seed":
            text = (project / one.original_file_path).read_text(encoding="utf-8")
            parts[names[one.unique_id]] = part(text)
        else:
            reads = (*one.depends_on.nodes, *one.depends_on.macros)
            parts[names[one.unique_id]] = part(one.raw_code, *reads)
    for one in macros:
        parts[names[one.unique_id]] = part(one.macro_sql, *one.depends_on.macros)
    return parts


def beneath(code: str, parts: Mapping[str, Part]) -> frozenset[str]:
    """The names of all parts that a rule rests on, itself not among them."""
    found: set[str] = set()
    waiting = set(parts[f"model {code}"].reads)
    while waiting:
        found |= waiting
        waiting = {name for part in waiting for name in parts[part].reads} - found
    return frozenset(found)


# Through these a rule learns who somebody is, not what the agencies say of the person.
OF_IDENTITY = frozenset(
    f"model {name}" for name in ("person_links", "persons_described", "homes_of_persons", "disputed_facts")
)
STATE = re.compile(r"state\('(\w+)', '(\w+)'\)")


def extracts_beneath(code: str, parts: Mapping[str, Part]) -> frozenset[str]:
    """The extracts whose rows a rule can use, as agency/extract; with a fact goes the record of the person that bears it."""
    found: set[str] = set()
    waiting = set(parts[f"model {code}"].reads)
    while waiting:
        found |= waiting
        waiting = {name for part in waiting - OF_IDENTITY for name in parts[part].reads} - found
    read = {pair for name in found - OF_IDENTITY for pair in STATE.findall(parts[name].text)}
    bearing = {(agency, "personer") for agency, extract in read if extract in BORNE_BY_PERSONS}
    return frozenset(f"{agency}/{extract}" for agency, extract in read | bearing)


BORNE_BY_PERSONS = frozenset(
    {"involverte", "saker", "kontroller", "restanser", "arbeidsforhold", "lonnsgaranti"}
)
