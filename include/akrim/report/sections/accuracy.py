"""How right the linkage is, as the method page shows it: by group of records, a wide gap between groups in plain sight."""

from collections.abc import Sequence
from typing import Any

from akrim.linkage import Figure
from akrim.report.wording import Words

DASH = "\u2013"
MEASURES = ("recall", "precision")
ENDING = "_held_out"


def accuracy_of(figures: Sequence[Figure], words: Words) -> dict[str, Any]:
    """One row per group with recall and precision, and the gaps in recall between the groups of a kind."""
    found = {(figure.measure, figure.subgroup): figure for figure in figures if figure.estimate is not None}
    groups = [f.subgroup for f in figures if f.measure == f"recall{ENDING}" and f.estimate is not None]
    return {
        "rows": [
            {
                "group": _group(group, words),
                "cells": [_interval(found.get((f"{measure}{ENDING}", group)), words) for measure in MEASURES],
                "records": words.number(found[f"recall{ENDING}", group].support),
            }
            for group in groups
        ],
        "gaps": [
            {"text": _gap(figure, words), "is_wide": figure.is_wide_gap and not _may_be_chance(figure)}
            for figure in figures
            if figure.measure == f"recall{ENDING}_gap" and figure.estimate is not None
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
    told = words("quality_gap", kind=kind, points=points, low=low, high=high)
    meaning = (
        "quality_gap_chance" if _may_be_chance(figure) else "quality_gap_wide" if figure.is_wide_gap else ""
    )
    return f"{told} {words(meaning)}" if meaning else told


def _may_be_chance(figure: Figure) -> bool:
    """Whether no difference at all lies within the interval."""
    return (figure.low or 0.0) <= 0
