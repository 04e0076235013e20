"""The report as one self-contained HTML file: style, script, fonts and drawings are inline.

A strict Content-Security-Policy allows the style and the script by their hashes and nothing else, so that no text in
a name can load, run or send anything. Jinja escapes every value.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from akrim.report import drawings
from akrim.report.blocks import Block
from akrim.report.content import Report
from akrim.report.templates import template_environment
from akrim.report.wording import Words

# By the weight in the style sheet.
FONTS = {"400": "akrim-sans-regular.woff2", "600 700": "akrim-sans-semibold.woff2"}


def render_html(report: Report) -> str:
    """The HTML of that report."""
    style = (
        _fonts()
        + drawings.style()
        + _asset("report.css")
        + _asset("blocks.css")
        + _printed_margins(report.head)
    )
    script = _asset("report.js")
    return _environment().get_template("report.html.j2").render(
        report=report,
        head=report.head,
        t=report.texts,
        glyphs=drawings.glyph_sheet(),
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; font-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),  # noqa: S704 - a file of this package, whose hash the policy names
        script=Markup(script),  # noqa: S704 - likewise
    )  # fmt: skip


def render_blocks(blocks: Sequence[Block], words: Words) -> Markup:
    """The HTML of blocks alone, for a page of another kind: each level of heading is one higher, and what a name leads to is an address.

    The page needs the style of `drawings` and of blocks.css, and the sheet of glyphs.
    """
    template = _environment().get_template("blocks.html.j2")
    module: Any = template.make_module({"t": words.texts, "above": 1, "here": ""})
    return Markup(module.render(blocks))  # noqa: S704 - by templates that escape every value


@lru_cache
def _environment() -> Environment:
    made = template_environment("akrim.report.render")
    made.globals |= {"above": 2, "here": "#"}
    return made


@lru_cache
def _asset(name: str) -> str:
    return files("akrim.report.render").joinpath("templates", name).read_text("utf-8")


@lru_cache
def _fonts() -> str:
    """The page's fonts, within it: it looks the same everywhere and asks for nothing."""
    folder = files("akrim.report.render").joinpath("fonts")
    return "\n".join(
        f'@font-face {{ font-family: "Akrim Sans"; font-weight: {weight}; '
        f'src: url("data:font/woff2;base64,{base64.b64encode(folder.joinpath(name).read_bytes()).decode()}") format("woff2"); }}'
        for weight, name in FONTS.items()
    )


def _printed_margins(head: Mapping[str, str]) -> str:
    """How the report may be handled, whose it is and the page, on each page that is printed from the browser."""
    left, right = (
        _quoted(text) for text in (head["handling"], f"{head['centre']} \u00b7 {head['release_id']} \u00b7 ")
    )
    return f"@page {{ @bottom-left {{ content: {left}; width: 70%; }} @bottom-right {{ content: {right} counter(page); }} }}"


def _quoted(text: str) -> str:
    """A string in a style sheet: whatever is not a letter, a digit or a space is written as its number."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x} " for c in text) + '"'


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
