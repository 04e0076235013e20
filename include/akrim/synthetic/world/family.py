"""Family businesses lawfully handed over to the spouse or a grown child at home, which resemble straw men but are not.

About one company in twenty is handed over so. No bankruptcy is behind it, and afterwards they go bankrupt no more often
than others.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.enterprises import AS, Enterprises
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Chance, Integers

HANDED_OVER_SHARE = 0.4
GROWN_DAYS = 20 * 365


@dataclass
class FamilyHandovers:
    """Aligned by handover: the enterprise, who led it from the start, who leads it from the day `on`."""

    enterprise: Integers
    giver: Integers
    heir: Integers
    on: Integers


def hand_over(
    chance: Chance, people: tuple[Persons, Identities, Cast], enterprises: Enterprises
) -> FamilyHandovers:
    """Ordinary companies whose owner shares a household with another ordinary, grown, registered person."""
    persons, identities, cast = people
    rng = chance.stream("family handovers")
    at = np.flatnonzero((enterprises.network < 0) & (enterprises.form == AS))
    on = enterprises.founded[at] + rng.integers(1000, 9000, len(at))
    is_chosen = rng.random(len(at)) < HANDED_OVER_SHARE
    giver = enterprises.owner[at]
    # The members of a household are adjacent.
    after, before = np.minimum(giver + 1, len(persons) - 1), np.maximum(giver - 1, 0)
    heir = np.where(persons.household[after] == persons.household[giver], after, before)
    is_fit = (heir != giver) & (persons.household[heir] == persons.household[giver])
    is_fit &= persons.chain_on(giver, on) == persons.chain_on(heir, on)
    is_fit &= (on - persons.birth[heir] > GROWN_DAYS) & (persons.entered[heir] <= on)
    is_fit &= (
        ~identities.is_unregistered[heir] & (cast.kind[giver] == "ordinary") & (cast.kind[heir] == "ordinary")
    )
    is_fit &= on < enterprises.closed_on[at]
    rows = np.flatnonzero(is_chosen & is_fit)
    return FamilyHandovers(at[rows], giver[rows], heir[rows], on[rows])
