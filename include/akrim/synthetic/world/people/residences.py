"""Where somebody lives or an enterprise has its office on a date.

A chain is a sequence of dwellings, each from a date on; persons and enterprises point to chains, so a household, a
barracks or an office hotel is one chain that many share, and a phoenix keeps its predecessor's.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.world.randomness import Floats, Integers, expanded, texts
from akrim.synthetic.world.timeline import ALWAYS, BEGIN, END
from akrim.synthetic.world.vocabulary import neighbouring_places, street_names, table

LETTERS = texts(["", "", "", "", "", "", "A", "B", "C", "D"])
_SPAN = np.int64(1 << 20)


@dataclass
class Residences:
    """Dwellings sorted by chain and first day; all arrays are aligned."""

    chain: Integers
    since: Integers
    place: Integers
    street: Integers
    number: Integers
    letter: Integers

    def at(self, chains: Integers, days: Integers) -> Integers:
        """The dwelling of each chain on the day."""
        keys = self.chain * _SPAN + (self.since - ALWAYS)
        wanted = chains * _SPAN + np.maximum(days - ALWAYS, 0)
        return np.searchsorted(keys, wanted, side="right") - 1

    def addresses(self, dwellings: Integers) -> pa.Array:
        streets = pa.array(street_names()).take(self.street[dwellings])
        numbers = pa.array(self.number[dwellings]).cast(pa.string())
        letters = pa.array(LETTERS).take(self.letter[dwellings])
        return pc.binary_join_element_wise(streets, " ", numbers, letters, "")

    def postcodes(self, dwellings: Integers) -> pa.Array:
        return self._of_places("postcode", dwellings)

    def municipalities(self, dwellings: Integers) -> pa.Array:
        return self._of_places("municipality", dwellings)

    def cities(self, dwellings: Integers) -> pa.Array:
        return self._of_places("city", dwellings)

    def _of_places(self, column: str, dwellings: Integers) -> pa.Array:
        return pa.array(table("places")[column]).take(self.place[dwellings])


def settle(rng: np.random.Generator, first_places: Integers, moves_a_year: Floats) -> Residences:
    """One chain per first place, moving on at its rate."""
    years = (END - BEGIN) / 365.25
    moves = rng.poisson(moves_a_year * years)
    chain, nth = expanded(moves + 1)
    total = len(chain)
    since = np.where(nth == 0, ALWAYS, rng.integers(BEGIN, END, total))
    order = np.lexsort((since, chain))
    first = first_places[chain]
    moved_to = neighbouring_places(rng, first, stay=0.85)
    return Residences(
        chain=chain,
        since=since[order],
        place=np.where(nth == 0, first, moved_to),
        street=rng.integers(0, len(street_names()), total),
        number=1 + (rng.random(total) ** 2 * 90).astype(np.int64),
        letter=rng.integers(0, len(LETTERS), total),
    )
