"""Drawings as SVG, the same in HTML and PDF: a template each, one sheet of glyphs, one style, one palette.

A page holds the style and the glyphs once, and its drawings refer to them; a drawing that stands alone brings both.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from akrim.report.blocks import Drawing
from akrim.report.templates import template_environment

GLYPH = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 14 14"><use href="#g-{}" width="14" height="14"/></svg>'
OPENING = re.compile(r"(<svg[^>]*>)")


def draw(name: str, alt: str, legend: Sequence[tuple[str, str]], **values: Any) -> Drawing:
    """The drawing of that template, which escapes every value."""
    svg = _environment().get_template(f"{name}.svg.j2").render(values, alt=alt)
    return Drawing(Markup(svg), alt, legend)  # noqa: S704 - as said


def standalone(svg: str) -> str:
    """The drawing with the style and the glyphs that it refers to."""
    used = dict.fromkeys(re.findall(r'href="#g-([\w-]+)"', svg))
    brought = f"<style>{_plain_style()}</style><defs>{''.join(_glyphs()[name] for name in used)}</defs>"
    return OPENING.sub(lambda found: found[1] + brought, svg, count=1)


def palette() -> dict[str, str]:
    """The report's colours by name."""
    return dict(re.findall(r"--([\w-]+): (#\w+)", _text("palette.css")))


def style() -> str:
    """The style of drawings, with the palette that it uses."""
    return _text("palette.css") + _text("drawings.css")


def glyph_sheet() -> Markup:
    """The definitions of all glyphs."""
    return Markup(_text("glyphs.svg"))  # noqa: S704 - a file of this package


def glyphs() -> dict[str, str]:
    """Every glyph by name, each as a drawing that stands alone."""
    return {name: standalone(GLYPH.format(name)) for name in _glyphs()}


@lru_cache
def _glyphs() -> dict[str, str]:
    """The definition of each glyph."""
    return {found[1]: found[0] for found in re.finditer(r'<symbol id="g-([\w-]+)".*', _text("glyphs.svg"))}


@lru_cache
def _plain_style() -> str:
    """The style with the palette's colours in place, for readers of SVG that know no variables."""
    colours = palette()
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colours[str(found[1])], _text("drawings.css"))


@lru_cache
def _environment() -> Environment:
    return template_environment("akrim.report.drawings", "")


@lru_cache
def _text(name: str) -> str:
    return files("akrim.report.drawings").joinpath(name).read_text("utf-8")
