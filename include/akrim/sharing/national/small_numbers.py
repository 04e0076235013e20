"""Hides numbers of persons from 1 to 4, and what would give them away (docs/adr/0023).

A number is a range. One that is not hidden has one value; a hidden one is 1 to 4, and so is a total no narrower than what is
shown lets anybody work out. Each of what is hidden could have another value and all that is shown would be the same:
`tests/sharing/test_small_numbers.py` holds that for tables of every kind.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

FEWEST = 5
# A share of fewer persons says nothing.
COMPARABLE = 20


class Range(NamedTuple):
    """A number of persons, as far as it is told."""

    at_least: int
    at_most: int

    @property
    def is_exact(self) -> bool:
        """Whether it is told as it is."""
        return self.at_least == self.at_most


# What is told of a number so small that a person could be known by it.
HIDDEN = Range(1, FEWEST - 1)


def is_small(number: int) -> bool:
    """Whether so few persons could be known by it."""
    return 0 < number < FEWEST


def hide_small(number: int) -> Range:
    """A number that no total contains: as it is, or hidden where it is small."""
    return HIDDEN if is_small(number) else Range(number, number)


def hide_in_total(parts: Iterable[int], total: int) -> Range:
    """A total that is counted by itself and told beside its parts, as `hide_small` shows these.

    Persons may be in several parts, and whoever knows of how many that holds can take the parts that are told from the total:
    what is left are the hidden ones together. With one of them, that is it; with several it gives none away, unless all are 1
    or all are 4.
    """
    hidden = [number for number in parts if is_small(number)]
    left, count = sum(hidden), len(hidden)
    gives_away = count == 1 or left in (count, count * HIDDEN.at_most)
    if not hidden or not (gives_away or is_small(total)):
        return Range(total, total)
    return Range(max(1, total - left + count), total - left + count * HIDDEN.at_most)


def summed(ranges: Iterable[Range]) -> Range:
    """What anybody can work out of the sum of numbers that are told: nothing is given away."""
    listed = list(ranges)
    return Range(sum(r.at_least for r in listed), sum(r.at_most for r in listed))


def may_show_share(part: int, whole: int) -> bool:
    """Whether a share may be told, with its counts: neither those whom it holds for nor the others are few."""
    return not (is_small(part) or is_small(whole - part))


def shown_shares(
    shares: Mapping[str, tuple[int, int]], told_wholes: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Of parts and wholes by centre, those that may be told beside the total of all: none where just one would be left out.

    Args:
        told_wholes: the centres whose whole is told as it is.
    """
    shares = {scope: share for scope, share in shares.items() if share[1]}
    kept = {
        scope: (part, whole)
        for scope, (part, whole) in shares.items()
        if scope in told_wholes and whole >= COMPARABLE and may_show_share(part, whole)
    }
    return {} if len(shares) - len(kept) == 1 else kept
