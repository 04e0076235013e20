"""Synthetic person numbers and organisation numbers, thousands at a time, each given once.

Person numbers are eleven-digit integers of the series month + 80 with valid control digits. Within a birth date they are
assigned in one shuffled order, so that the position in that order shows whether a number is taken. Organisation numbers
begin with 2 or 3.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from akrim.identifiers import FIRST_WEIGHTS, ORGNR_WEIGHTS, SECOND_WEIGHTS
from akrim.synthetic.world.randomness import Booleans, Integers
from akrim.synthetic.world.timeline import month_and_day, years_of

SYNTHETIC_MONTH = 80
D_NUMBER_DAY = 40
DATES_AT_A_TIME = 2000
# Of every birth date and sex; a mistyped number that is valid takes one of these.
NEVER_ISSUED = 4


def person_numbers(
    births: Integers,
    are_male: Booleans,
    rng: np.random.Generator,
    d_number: bool = False,
    nobodys: bool = False,
) -> Integers:
    """One number per person; with `nobodys`, one of the few of that birth date that are never issued.

    The never-issued ones differ from the issued ones only with the same state of `rng`.
    """
    shuffled = rng.permutation(1000)
    dates, date_of_person = np.unique(births, return_inverse=True)
    group = date_of_person * 2 + are_male
    numbers = np.empty(len(births), dtype=np.int64)
    ranks = _rank_in_group(group)
    ranks = ranks % NEVER_ISSUED if nobodys else ranks + NEVER_ISSUED
    order = np.argsort(date_of_person, kind="stable")
    bounds = np.searchsorted(
        date_of_person[order], np.arange(0, len(dates) + DATES_AT_A_TIME, DATES_AT_A_TIME)
    )
    for chunk, (start, end) in enumerate(pairwise(bounds)):
        members = order[start:end]
        first = chunk * DATES_AT_A_TIME
        table = _numbers_of_dates(dates[first : first + DATES_AT_A_TIME], shuffled, d_number)
        numbers[members] = _pick(table, date_of_person[members] - first, are_male[members], ranks[members])
    return numbers


def _rank_in_group(group: Integers) -> Integers:
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.searchsorted(ordered, ordered, side="left")
    ranks = np.empty(len(group), dtype=np.int64)
    ranks[order] = np.arange(len(group)) - starts
    return ranks


def _numbers_of_dates(dates: Integers, shuffled: Integers, d_number: bool) -> Integers:
    """Dates × 1000: the whole number where it is valid and of the date's series, else 0."""
    months, days = month_and_day(dates)
    years = years_of(dates)
    day_part = days + (D_NUMBER_DAY if d_number else 0)
    six = (day_part * 10000 + (months + SYNTHETIC_MONTH) * 100 + years % 100)[:, None]
    nine = six * 1000 + shuffled[None, :]
    allowed = _in_series(years[:, None], shuffled[None, :], d_number)
    digits = [nine // 10 ** (8 - place) % 10 for place in range(9)]
    first, second = control_digits(digits)
    valid = allowed & (first < 10) & (second < 10)
    return np.where(valid, nine * 100 + first * 10 + second, 0)


def control_digits(digits: Sequence[Any]) -> tuple[Any, Any]:
    """Both control digits after the nine digits, each an int or an array; a number with one of ten is none."""
    first = -sum(d * w for d, w in zip(digits, FIRST_WEIGHTS, strict=False)) % 11
    return first, -sum(d * w for d, w in zip([*digits, first], SECOND_WEIGHTS, strict=False)) % 11


def _in_series(years: Integers, individual: Integers, d_number: bool) -> Booleans:
    twentieth = years < 2000
    if d_number:
        old = (years < 1940) & (individual < 200)
        middle = twentieth & (years >= 1940) & ((individual < 500) | (individual >= 600))
        return old | middle | (~twentieth & (individual >= 200))
    late = twentieth & (years >= 1940) & (individual >= 900)
    return (twentieth & (individual < 500)) | late | (~twentieth & (individual >= 500))


def _pick(table: Integers, rows: Integers, are_male: Booleans, ranks: Integers) -> Integers:
    """The rank-th valid number of the date whose ninth digit says the sex (odd: male)."""
    picked = np.empty(len(rows), dtype=np.int64)
    for male in (False, True):
        usable = (table > 0) & ((table // 100 % 2 == 1) == male)
        row_of, column_of = np.nonzero(usable)
        starts = np.searchsorted(row_of, np.arange(table.shape[0] + 1))
        mine = are_male == male
        place = starts[rows[mine]] + ranks[mine]
        if (place >= starts[rows[mine] + 1]).any():
            raise ValueError("more persons share a birth date than there are numbers for")
        picked[mine] = table[row_of[place], column_of[place]]
    return picked


def organisation_numbers(count: int, rng: np.random.Generator) -> Integers:
    """Distinct valid organisation numbers in random order."""
    bases = np.unique(rng.integers(20_000_000, 40_000_000, size=int(count * 1.3) + 100))
    digits = [bases // 10 ** (7 - place) % 10 for place in range(8)]
    control = (-sum(d * w for d, w in zip(digits, ORGNR_WEIGHTS, strict=False))) % 11
    valid = (bases * 10 + control)[control < 10]
    return rng.permutation(valid)[:count]
