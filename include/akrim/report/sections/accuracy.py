"""The measured accuracy of the linkage, by group of records, with the gaps between groups."""

from collections.abc import Sequence
from typing import Any

from akrim.linkage import Figure
from akrim.report.wording import Words

DASH = "\u2013"
MEASURES = ("recall", "precision")
SUFFIX = "_held_out"


def linkage_accuracy(figures: Sequence[Figure], words: Words) -> dict[str, Any]:
    """Recall and precision per group, and the gap in recall between the groups of each kind."""
    found = {(figure.measure, figure.subgroup): figure for figure in figures if figure.estimate is not None}
    groups = [f.subgroup for f in figures if f.measure == f"recall{SUFFIX}" and f.estimate is not None]
    return {
        "rows": [
            {
                "group": _group(group, words),
                "cells": [_interval(found.get((f"{measure}{SUFFIX}", group)), words) for measure in MEASURES],
                "records": words.number(found[f"recall{SUFFIX}", group].support),
            }
            for group in groups
        ],
        "gaps": [
            {"text": _gap(figure, words), "is_wide": figure.is_wide_gap and not _may_be_chance(figure)}
            for figure in figures
            if figure.measure == f"recall{SUFFIX}_gap" and figure.estimate is not None
        ],
    }


def _group(subgroup: str, words: Words) -> str:
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


def _gap(figure: Figure, words: Words) -> str:
    kind = words(f"subgroup_{figure.subgroup}").lower()
    points, low, high = (
        _percent(share or 0.0, words) for share in (figure.estimate, figure.low, figure.high)
    )
    text = words("quality_gap", kind=kind, points=points, low=low, high=high)
    meaning = (
        "quality_gap_chance" if _may_be_chance(figure) else "quality_gap_wide" if figure.is_wide_gap else ""
    )
    return f"{text} {words(meaning)}" if meaning else text


def _may_be_chance(figure: Figure) -> bool:
    """Whether the interval includes zero."""
    return (figure.low or 0.0) <= 0
