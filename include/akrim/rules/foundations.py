"""What a rule is built of: its own model, and the models, seeds and macros that it reads according to dbt, down to staging.

Below staging (an extract's state, linkage) nothing counts: contracts and the linkage model have versions of their own.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from akrim.errors import UserError
from akrim.rules.dbt import MEND, run_dbt

# A string; a comment of SQL, C or Jinja; a word; any other single character. The rest is layout.
TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*'|\"[^\"]*\")|(?P<comment>\{#.*?#\}|--[^\n]*|/\*.*?\*/)|(?P<word>\w+|[^\w\s])",
    re.DOTALL,
)
# A model's config, such as its indexes, does not change its content.
CONFIG_BLOCK = re.compile(r"\{\{ config\(.*?\) \}\}", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """A model, seed or macro: its text, and the parts that it reads."""

    text: str
    reads: frozenset[str]

    @property
    def sha256(self) -> str:
        """One hash over text and parts read, without comments, layout and config."""
        return hashlib.sha256("\n".join((normalised(self.text), *sorted(self.reads))).encode()).hexdigest()


@cache
def normalised(text: str) -> str:
    """SQL, with or without Jinja, without comments and layout."""
    tokens = (found["text"] or found["word"] for found in TOKEN.finditer(CONFIG_BLOCK.sub("", text)))
    return " ".join(token for token in tokens if token)


def read_parts(project: Path) -> dict[str, Part]:
    """Every model, seed and macro of the project, named `model leaderships`, `seed definitions`, `macro led_on`.

    Raises UserError where dbt cannot parse it.
    """
    parsed = run_dbt(project, "parse")
    if not parsed.success:
        raise UserError(f"dbt cannot parse the project: {parsed.exception}", str(project), MEND)
    manifest = parsed.result
    nodes = [node for node in manifest.nodes.values() if node.resource_type in {"model", "seed"}]
    macros = [macro for macro in manifest.macros.values() if macro.package_name == "akrim"]
    names = {node.unique_id: f"{node.resource_type} {node.name}" for node in (*nodes, *macros)}

    def part(text: str, *reads: str) -> Part:
        return Part(text, frozenset(names[node] for node in reads if node in names))

    parts = {}
    for node in nodes:
        if node.resource_type == "seed":
            text = (project / node.original_file_path).read_text(encoding="utf-8")
            parts[names[node.unique_id]] = part(text)
        else:
            reads = (*node.depends_on.nodes, *node.depends_on.macros)
            parts[names[node.unique_id]] = part(node.raw_code, *reads)
    for node in macros:
        parts[names[node.unique_id]] = part(node.macro_sql, *node.depends_on.macros)
    return parts


def parts_of(code: str, parts: Mapping[str, Part]) -> frozenset[str]:
    """The names of all parts of a rule: its own model, and what that rests on."""
    found: set[str] = set()
    pending = {f"model {code}"}
    while pending:
        found |= pending
        pending = {name for part in pending for name in parts[part].reads} - found
    return frozenset(found)
