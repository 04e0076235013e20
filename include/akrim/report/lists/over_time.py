"""The last tertials: how long the list was, what the centre decided, and how the police's cases of what agencies reported ended."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from akrim.contracts import DISMISSED
from akrim.periods import Period, release_order
from akrim.report.blocks import Block, Heading, Paragraph
from akrim.report.drawings.panels import HEAD, Bar, Panel, Shade, draw_panels
from akrim.report.edition import TERTIALS_SHOWN
from akrim.report.material import Material
from akrim.report.wording import DASH, Words

GAP, PANEL, HEIGHT = 40, 240, 60
LABELS = 30

Shades = Sequence[tuple[Shade, str]]
Numbers = tuple[int | None, int | None]


@dataclass(frozen=True)
class Tertial:
    """What is counted of a tertial; `listed` is who was on the list before and who was new, None where no release of it is kept."""

    period: Period
    listed: Numbers
    given: int
    dismissed: int
    penalties: int
    other_outcomes: int


def over_time(material: Material) -> Sequence[Block]:
    """A drawing of three panels; nothing where there is nothing to draw."""
    words, tertials = material.words, _tertials(material)
    panels = _panels(tertials, words)
    if not any(bar.total for panel in panels for bar in panel.bars):
        return ()
    return (
        Heading(words("over_time")),
        draw_panels(panels, " ".join(_in_words(panel, tertials) for panel in panels), HEIGHT + HEAD + LABELS),
        Paragraph(words("over_time_note"), "note"),
    )


def _tertials(material: Material) -> list[Tertial]:
    tables, centre_id = material.tables, material.edition.centre_id
    sizes: dict[str, Numbers] = {
        size.period: (size.listed - size.entered, size.entered) for size in material.edition.list_sizes
    }
    decided = Counter(
        (release_order(row["decided_release_id"])[0], row["status"] == DISMISSED)
        for row in tables["prioritisations"].to_pylist()
        if row["centre_id"] == centre_id
    )
    penalties = {code for code, row in material.reference.outcomes.items() if row["is_penalty"]}
    outcomes = Counter(
        (Period.of(row["outcome_date"]), row["outcome_code"] in penalties)
        for row in tables["case_outcomes"].to_pylist()
        if row["outcome_date"]
    )
    return [
        Tertial(
            period,
            listed=sizes.get(str(period), (None, None)),
            given=decided[period, False],
            dismissed=decided[period, True],
            penalties=outcomes[period, True],
            other_outcomes=outcomes[period, False],
        )
        for period in _last_periods(Period.parse(material.edition.period))
    ]


def _panels(tertials: Sequence[Tertial], words: Words) -> list[Panel]:
    """The list, the decisions on it and the outcomes, each of all tertials, so that the three stand in line."""
    shown: tuple[tuple[str, Shades, list[Numbers]], ...] = (
        ("list", (("leading", "before"), ("solid", "new")), [t.listed for t in tertials]),
        (
            "decisions",
            (("leading", "given"), ("other", "dismissed")),
            [(t.given, t.dismissed) for t in tertials],
        ),
        (
            "outcomes",
            (("solid", "penalties"), ("other", "other_outcomes")),
            [(t.penalties, t.other_outcomes) for t in tertials],
        ),
    )
    labels = _labels(tertials)
    return [
        Panel(
            words(f"over_time_{title}"),
            [_bar(label, shades, counted, words) for label, counted in zip(labels, numbers, strict=True)],
            x=place * (PANEL + GAP),
            y=0,
            width=PANEL,
            height=HEIGHT,
            legend=[(shade, words(f"over_time_{key}")) for shade, key in shades],
        )
        for place, (title, shades, numbers) in enumerate(shown)
    ]


def _bar(label: list[str], shades: Shades, numbers: Numbers, words: Words) -> Bar:
    """A column with its parts added up above it, and below it the tertial and, where one is given, the year."""
    parts = [(shade, number or 0) for (shade, _), number in zip(shades, numbers, strict=True)]
    said = "+".join(words.number(number) for _, number in parts if number) or "0"
    return Bar(parts, DASH if numbers[0] is None else said, label)


def _labels(tertials: Sequence[Tertial]) -> list[list[str]]:
    """Each tertial, with its year where it is the first shown of it."""
    years = [t.period.year for t in tertials]
    return [
        [f"T{t.period.tertial}", *([str(year)] if year not in years[:place] else [])]
        for place, (t, year) in enumerate(zip(tertials, years, strict=True))
    ]


def _in_words(panel: Panel, tertials: Sequence[Tertial]) -> str:
    """What the columns show, for those who do not see them."""
    legend = " + ".join(text for _, text in panel.legend)
    told = ", ".join(f"{t.period}: {bar.said}" for t, bar in zip(tertials, panel.bars, strict=True))
    return f"{panel.title} ({legend}) {told}."


def _last_periods(newest: Period) -> list[Period]:
    periods = [newest]
    while len(periods) < TERTIALS_SHOWN:
        periods.insert(0, periods[0].previous)
    return periods
