"""Person numbers over time: who has a fødselsnummer, a D-number, first one and then the other, or none.

Numbers of nobody are kept too: a mistyped number that happens to be valid must not be another person's.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from akrim.synthetic.world.numbers import person_numbers
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Booleans, Chance, Integers
from akrim.synthetic.world.timeline import ALWAYS, NEVER, PRESENT, day_and_month_swapped, first_of_year

UNPROTECTED, CLIENT_ADDRESS, CONFIDENTIAL, STRICTLY_CONFIDENTIAL = range(4)


@dataclass
class Identities:
    """Aligned by person; 0 stands for no number, also of a telephone; `number_since` is when the fødselsnummer took over."""

    national: Integers
    d_number: Integers
    number_since: Integers
    d_birth: Integers
    nobodys: Integers
    is_unregistered: Booleans
    protection: Integers
    protected_since: Integers
    phone: Integers

    def numbers_on(self, who: Integers, days: Integers) -> Integers:
        return np.where(days >= self.number_since[who], self.national[who], self.d_number[who])

    def phones(self, who: Integers) -> pa.Array:
        return pa.array(self.phone[who], mask=self.phone[who] == 0).cast(pa.string())

    def births_on(self, who: Integers, days: Integers, births: Integers) -> Integers:
        """A D-number is sometimes issued on another birth date than the true one."""
        return np.where(days >= self.number_since[who], births[who], self.d_birth[who])


def generate_identities(chance: Chance, persons: Persons, hub: Integers) -> Identities:
    rng = chance.stream("identities")
    total = len(persons)
    is_unregistered = persons.is_foreign & (rng.random(total) < 0.035)
    with_d_number = persons.is_foreign & ~is_unregistered & (rng.random(total) < 0.68)
    becomes = with_d_number & (rng.random(total) < 0.6)
    number_since = np.where(with_d_number, NEVER, ALWAYS)
    settled = persons.entered + rng.integers(120, 2600, total)
    number_since[becomes] = settled[becomes]
    number_since[is_unregistered] = NEVER
    d_birth = _births_on_d_numbers(rng, persons.birth)
    national, d_number = np.zeros(total, np.int64), np.zeros(total, np.int64)
    has_national = ~is_unregistered & (~with_d_number | becomes)
    nobodys = person_numbers(persons.birth, persons.is_male, chance.stream("numbers"), nobodys=True)
    national[has_national] = person_numbers(
        persons.birth[has_national], persons.is_male[has_national], chance.stream("numbers")
    )
    d_number[with_d_number] = person_numbers(
        d_birth[with_d_number], persons.is_male[with_d_number], chance.stream("d_numbers"), d_number=True
    )
    protection, since = _protections(rng, total)
    return Identities(
        national, d_number, number_since, np.where(with_d_number, d_birth, persons.birth), nobodys,
        is_unregistered, protection, since, _phones(rng, persons, hub),
    )  # fmt: skip


def _births_on_d_numbers(rng: np.random.Generator, births: Integers) -> Integers:
    choice = rng.random(len(births))
    on_new_year = np.where(choice < 0.01, first_of_year(births), births)
    return np.where((choice > 0.01) & (choice < 0.03), day_and_month_swapped(births), on_new_year)


def _protections(rng: np.random.Generator, total: int) -> tuple[Integers, Integers]:
    protection = np.zeros(total, np.int64)
    chosen = rng.permutation(total)[: max(4, total // 250)]
    protection[chosen] = rng.choice(
        [CLIENT_ADDRESS, CONFIDENTIAL, STRICTLY_CONFIDENTIAL], len(chosen), p=[0.3, 0.55, 0.15]
    )
    protection[chosen[:3]] = [CLIENT_ADDRESS, CONFIDENTIAL, STRICTLY_CONFIDENTIAL]
    since = np.where(rng.random(total) < 0.8, ALWAYS, rng.integers(PRESENT - 1500, PRESENT + 2400, total))
    since[chosen[:3]] = ALWAYS
    return protection, since


def _phones(rng: np.random.Generator, persons: Persons, hub: Integers) -> Integers:
    """Mostly one's own; a couple or a barracks with one telephone now and then."""
    total = len(persons)
    number = rng.integers(0, 20_000_000, total)
    household_phone = rng.integers(0, 20_000_000, persons.household.max() + 1)
    number = np.where(rng.random(total) < 0.04, household_phone[persons.household], number)
    hub_phone = rng.integers(0, 20_000_000, hub.max() + 1)
    number = np.where((hub >= 0) & (rng.random(total) < 0.2), hub_phone[hub], number)
    number = np.where(number < 10_000_000, 40_000_000 + number, 80_000_000 + number)
    return np.where(rng.random(total) < 0.15, 0, number)
