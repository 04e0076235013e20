"""Panels of columns in one drawing of 800 across, all of those in a row by one scale: so they can be held against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from akrim.report.blocks import Drawing
from akrim.report.drawings import draw

# What stands above the columns: the title, the legend, and the number on the highest.
HEAD = 48
COLUMN = 26
LEGEND_LINE = 16
LEGEND_LETTER = 5.2
LEGEND_SIGN = 26

# Dark, grey and hollow: told apart without colour.
Shade = Literal["solid", "leading", "other"]


@dataclass(frozen=True)
class Bar:
    """A column of parts that stand on each other, from below; what is `said` above it, and the lines below it."""

    parts: Sequence[tuple[Shade, int]]
    said: str
    label: Sequence[str]

    @property
    def total(self) -> int:
        return sum(number for _, number in self.parts)


@dataclass(frozen=True)
class Panel:
    """Columns under a title; `x` and `y` are its upper left corner, `height` that of the highest column."""

    title: str
    bars: Sequence[Bar]
    x: float
    y: float
    width: float
    height: float
    legend: Sequence[tuple[Shade, str]] = ()


def draw_panels(panels: Sequence[Panel], alt: str, height: float, highest: int | None = None) -> Drawing:
    """The panels, each by its own highest column, or all by `highest`."""
    return draw("panels", alt, (), height=height, panels=[_panel(panel, highest) for panel in panels])


def _panel(panel: Panel, highest: int | None) -> dict[str, Any]:
    head = HEAD if panel.legend else HEAD - LEGEND_LINE
    base = panel.y + head + panel.height
    scale = panel.height / max(highest or max((bar.total for bar in panel.bars), default=0), 1)
    step = panel.width / max(len(panel.bars), 1)
    return {
        "title": panel.title,
        "x": panel.x,
        "y": panel.y,
        "width": panel.width,
        "base": base,
        "legend": _legend(panel),
        "bars": [
            _bar(bar, panel.x + step * (place + 0.5) - COLUMN / 2, base, scale)
            for place, bar in enumerate(panel.bars)
        ],
    }


def _bar(bar: Bar, x: float, base: float, scale: float) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    top = base
    for shade, number in bar.parts:
        height = round(number * scale, 1)
        top = round(top - height, 1)
        if number:
            parts.append({"kind": shade, "y": top, "height": height})
    return {
        "x": round(x, 1),
        "width": COLUMN,
        "top": top,
        "parts": parts,
        "said": bar.said,
        "label": bar.label,
    }


def _legend(panel: Panel) -> list[dict[str, Any]]:
    """The entries beside each other, by about how wide their letters are."""
    entries, x = [], panel.x
    for shade, text in panel.legend:
        entries.append({"kind": shade, "x": round(x, 1), "text": text})
        x += LEGEND_SIGN + LEGEND_LETTER * len(text)
    return entries
