"""The measured accuracy of the linkage, by group of records, with the gaps between groups."""

from collections.abc import Sequence

from akrim.linkage.quality import Figure
from akrim.report.blocks import Block, Paragraph, Table, Text, columns
from akrim.report.wording import DASH, Words

MEASURES = ("recall", "precision")
SUFFIX = "_held_out"


def linkage_accuracy(figures: Sequence[Figure], words: Words) -> Sequence[Block]:
    """Recall and precision per group, and the gap in recall between the groups of each kind."""
    found = {(figure.measure, figure.subgroup): figure for figure in figures if figure.estimate is not None}
    groups = [f.subgroup for f in figures if f.measure == f"recall{SUFFIX}" and f.estimate is not None]
    if not groups:
        return (Paragraph(words("quality_none")),)
    header = columns(words, subgroup=("heading", 1), recall="number", precision="number", records="number")
    rows = [
        (
            name_of_subgroup(group, words),
            *(_interval(found.get((f"{measure}{SUFFIX}", group)), words) for measure in MEASURES),
            words.number(found[f"recall{SUFFIX}", group].support),
        )
        for group in groups
    ]
    gaps = [f for f in figures if f.measure == f"recall{SUFFIX}_gap" and f.estimate is not None]
    return (
        Paragraph(words("quality_note")),
        Table(header, rows),
        *(Paragraph(_gap(figure, words)) for figure in gaps),
    )


def name_of_subgroup(subgroup: str, words: Words) -> str:
    """What a subgroup is called: what it is by, and its value."""
    kind, _, value = subgroup.partition("/")
    if not value:
        return words(f"subgroup_{kind}")
    named = words.agency(value) if kind == "source" else words.texts.get(f"subgroup_{kind}_{value}", value)
    return f"{words(f'subgroup_{kind}')}: {named}"


def _interval(figure: Figure | None, words: Words) -> str:
    if figure is None or figure.estimate is None:
        return DASH
    low, high = (_percent(number, words) for number in (figure.low or 0.0, figure.high or 0.0))
    return f"{words('share', percent=_percent(figure.estimate, words))} ({low}{DASH}{high})"


def _percent(share: float, words: Words) -> str:
    return words.number(round(100 * share, 1))


def _gap(figure: Figure, words: Words) -> Text:
    """The gap in words; one that is wide and no chance is an alert."""
    kind = words(f"subgroup_{figure.subgroup}").lower()
    points, low, high = (
        _percent(share or 0.0, words) for share in (figure.estimate, figure.low, figure.high)
    )
    text = words("quality_gap", kind=kind, points=points, low=low, high=high)
    # An interval that includes zero may be chance.
    if (figure.low or 0.0) <= 0:
        return Text(f"{text} {words('quality_gap_chance')}")
    if figure.is_wide_gap:
        return Text(f"{text} {words('quality_gap_wide')}", "alert", sign="stale")
    return Text(text)
