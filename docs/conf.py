"""The documentation site: these pages, those beside them in the repository, and what the code itself says.

Sphinx reads from the repository's root, so that a link works on the site as it does in the repository. A page's
`<!-- generated: NAME -->` is replaced by what the function of that name below returns.
"""

import inspect
import re
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import akrim
from akrim.rules import mart_documents
from akrim.settings import PROJECT_ROOT, Settings
from akrim.sharing import allowed_columns
from sphinx.application import Sphinx

project = "akrim"
author = "The akrim contributors"
project_copyright = author
version = release = akrim.__version__

root_doc = "docs/index"
include_patterns = ["docs/**", "benchmarks/*.md", "*.md"]
exclude_patterns = [".*", "var", "dist", "include", "tests", "README.md"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"akrim {version}"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_show_sourcelink = html_copy_source = False

myst_heading_anchors = 3
highlight_language = "none"
default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"


def settings() -> Iterator[str]:
    """Every setting as a row: the variable, what it says, and its default."""
    yield from ("| variable | what it sets | default |", "| --- | --- | --- |")
    for name, field in Settings.model_fields.items():
        if name != "project_root":
            default = getattr(field.default, "get_secret_value", lambda field=field: field.default)()
            shown = f"`{default}`" if default not in {None, ""} and field.default_factory is None else ""
            yield f"| `AKRIM_{name.upper()}` | {field.description or ''} | {shown} |"


def marts() -> Iterator[str]:
    """Every mart as a section: what one row is, and its columns as dbt describes them."""
    leave = allowed_columns()
    for name, model in sorted(mart_documents().items()):
        yield from (f"## {name}", "", model["description"].strip(), "")
        yield from ("| column | type | meaning | centres |", "| --- | --- | --- | --- |")
        for column in model["columns"]:
            sent = "" if column["name"] not in leave.get(name, {}) else leave[name][column["name"]] or "yes"
            meaning = " ".join(column["description"].split()).replace("|", "\\|")
            yield f"| `{column['name']}` | {column['data_type']} | {meaning} | {sent} |"
        yield ""


ROW, HUB, BOX, GAP = 26, 130, 330, 70


def diagram() -> Iterator[str]:
    """A drawing of what refers to what: each mart with its key, a line to persons at its left and to enterprises at its right."""
    told = {name: _references(name, model) for name, model in sorted(mart_documents().items())}
    rows = {name: found for name, found in told.items() if found and name not in {"persons", "enterprises"}}
    height, left, right = ROW * len(rows), HUB + GAP, HUB + GAP + BOX
    yield (
        f'<svg role="img" aria-label="The marts and what they refer to" viewBox="0 0 {right + GAP + HUB} {height}"'
        ' fill="none" stroke="currentColor" font-size="12">'
    )
    for x, hub in ((0, "persons"), (right + GAP, "enterprises")):
        yield f'<rect x="{x + 1}" y="1" width="{HUB - 2}" height="{height - 2}" rx="4"/>'
        yield from _words(x + 10, height / 2, hub)
    for place, (name, found) in enumerate(rows.items()):
        middle = place * ROW + ROW / 2
        yield f'<rect x="{left}" y="{place * ROW + 2}" width="{BOX}" height="{ROW - 4}" rx="3"/>'
        others = ", ".join(sorted(found - {"persons", "enterprises"}))
        yield from _words(left + 8, middle, name + (f" \u2192 {others}" if others else ""))
        for hub, start, end in (("persons", left, HUB), ("enterprises", right, right + GAP)):
            if hub in found:
                yield f'<path d="M{start} {middle}H{end}"/><circle cx="{end}" cy="{middle}" r="3" fill="currentColor"/>'
    yield "</svg>"


def _words(x: float, y: float, text: str) -> Iterator[str]:
    yield f'<text x="{x}" y="{y + 4}" fill="currentColor" stroke="none">{text}</text>'


def _references(name: str, model: dict[str, Any]) -> set[str]:
    """The marts that its rows refer to, as its tests say; each orgnr and person_id refers to a row, also where there is none."""
    tests = (test["refers_to"]["arguments"]["to"] for test in model["data_tests"] if "refers_to" in test)
    columns = {column["name"] for column in model["columns"]}
    by_orgnr = {"enterprises"} if any(column.endswith("orgnr") for column in columns) else set()
    by_person = {"persons"} if "person_id" in columns else set()
    return ({to.split("'")[1] for to in tests} | by_orgnr | by_person) - {name}


def faces() -> Iterator[str]:
    """Every module and sub-package that exports names to others, with these names' signatures and docstrings."""
    names = {found.name for found in iter_modules(akrim.__path__, "akrim.")}
    for name in sorted(names | _sub_packages()):
        module = import_module(name)
        if names := getattr(module, "__all__", None):
            yield from (f"## {name}", "", "```{eval-rst}", f".. automodule:: {name}", "")
            for exported in names:
                yield from (f".. {_directive(getattr(module, exported))}:: {exported}", "")
            yield from ("```", "")


def _sub_packages() -> set[str]:
    """Those that others may import, by the contracts of import-linter."""
    tools = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    allowed = [line for each in tools["importlinter"]["contracts"] for line in each.get("ignore_imports", ())]
    return {line.partition(" -> ")[2] for line in allowed}


def _directive(what: object) -> str:
    if inspect.isclass(what):
        return "autoclass"
    return "autofunction" if inspect.isfunction(what) else "data"


GENERATED: dict[str, Callable[[], Iterator[str]]] = {
    "settings": settings,
    "marts": marts,
    "diagram": diagram,
    "faces": faces,
}


def _generate(_: Sphinx, __: str, source: list[str]) -> None:
    source[0] = re.sub(
        r"<!-- generated: (\w+) -->", lambda found: "\n".join(GENERATED[found[1]]()), source[0]
    )


def setup(app: Sphinx) -> None:
    """Sphinx calls this once."""
    app.connect("source-read", _generate)
