"""Figures with their intervals as one drawing, in the report's colours."""

from base64 import b64encode
from html import escape
from importlib.resources import files
from math import ceil, log10

import pandas as pd

from akrim.insight import FEW

WIDTH, LEFT, RIGHT, ROW, TOP = 800, 270, 590, 24, 44
STYLE = (
    'text { font-family: "Akrim Sans", "Source Sans Pro", "Segoe UI", sans-serif; font-size: 12.5px; fill: var(--ink); }'
    " .small { font-size: 11px; fill: var(--soft); } .head { font-weight: 600; } .tick { stroke: var(--line); }"
    " .centred { text-anchor: middle; } .range { stroke: var(--steel); stroke-width: 2.1; }"
    " .solid { fill: var(--ink); } .hollow { fill: var(--paper); stroke: var(--ink); stroke-width: 1.6; }"
)


class Drawing:
    """An SVG that a notebook shows; `str` of it is the SVG."""

    def __init__(self, svg: str, title: str) -> None:
        self._svg, self._title = svg, title

    def __str__(self) -> str:
        return self._svg

    def _repr_html_(self) -> str:
        """As a picture, so that the page's style and the drawing's keep apart."""
        content = b64encode(self._svg.encode()).decode()
        return f'<img alt="{escape(self._title)}" width="{WIDTH}" src="data:image/svg+xml;base64,{content}">'


def draw(figures: pd.DataFrame, title: str, unit: str) -> Drawing:
    """A line for each row: its figure and the range around it, hollow where it rests on fewer than five; no row, no line.

    Args:
        figures: `value`, `low` and `high`; `total` says in what number the figure is found, and stands beside it with `counted`.
        title: what is drawn.
        unit: of the axis, such as `%`.
    """
    largest = figures.high.max() if len(figures) else 0
    step = _step(largest) if largest > 0 else 1
    ticks = [step * n for n in range(ceil(largest / step) + 1)] if largest > 0 else [0, 1]
    bottom = TOP + ROW * len(figures)
    parts = [f'<text x="0" y="14" class="head">{escape(title)}</text>']
    for tick in ticks:
        x = _place(tick, ticks[-1])
        parts.append(f'<path d="M{x} {TOP - 10}V{bottom}" class="tick"/>')
        parts.append(f'<text x="{x}" y="{bottom + 15}" class="small centred">{tick:g} {escape(unit)}</text>')
    for number, (name, row) in enumerate(figures.iterrows()):
        parts += _line(name, row, TOP + ROW * number + 8, ticks[-1])
    palette = (files("akrim") / "report" / "drawings" / "palette.css").read_text(encoding="utf-8")
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {bottom + 22}">'
    return Drawing(f"{opening}<style>{palette}{STYLE}</style>{''.join(parts)}</svg>", title)


def _line(name: object, row: pd.Series, y: float, largest: float) -> list[str]:
    label = " · ".join(map(str, name)) if isinstance(name, tuple) else str(name)
    x, low, high = (_place(row[part], largest) for part in ("value", "low", "high"))
    kind = "hollow" if row.total < FEW else "solid"
    said = f"{row.value:.0f} ({row.low:.0f}–{row.high:.0f}), {row.counted:g} of {_plain(row.total)}"
    return [
        f'<text x="0" y="{y + 4}">{escape(label)}</text>',
        f'<path d="M{low} {y}H{high}" class="range"/><circle cx="{x}" cy="{y}" r="4" class="{kind}"/>',
        f'<text x="{RIGHT + 18}" y="{y + 4}" class="small">{said}</text>',
    ]


def _plain(number: float) -> str:
    """Whole numbers whole, others to a tenth."""
    return f"{number:.0f}" if number == round(number) else f"{number:.1f}"


def _place(value: float, largest: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * value / largest, 1)


def _step(largest: float) -> float:
    """The distance of ticks, 1, 2 or 5 of a power of ten, so that there are at most five."""
    power = 10.0 ** (ceil(log10(largest)) - 1)
    return next(power * n for n in (0.2, 0.5, 1, 2, 5) if largest <= 5 * power * n)
