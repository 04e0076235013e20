"""The population: households with their members, names and birth dates; who they live with and when that changes.

Arrays are aligned by person (the position is the true person id less one). Persons beyond the requested number arrive
after the present, so that later periods have more people than earlier ones.
"""

from dataclasses import dataclass, field

import numpy as np

from akrim.synthetic.world.randomness import (
    Booleans,
    Chance,
    Integers,
    Texts,
    expanded,
    known,
    no_texts,
    weighted,
)
from akrim.synthetic.world.timeline import ALWAYS, BEGIN, END, NEVER, PRESENT, day, first_of_year, years_of
from akrim.synthetic.world.vocabulary import family_positions, given_names, origin_weights, origins

ARRIVALS_A_YEAR = 0.015
NORWEGIAN = 0
HUB_RESIDENTS = 26
# For each sex, of those born in 1940-1999 and of others: some 248 and 206 are valid, on the worst day a sixth fewer.
NUMBERS_A_DAY = (214, 178)
DAYS_TO_SPARE = 3660


@dataclass
class Persons:
    """Arrays aligned by person. Days are integers since 1970; NEVER and ALWAYS stand for open ends."""

    origin: Integers
    is_male: Booleans
    birth: Integers
    given: Texts
    middle: Texts
    family: Texts
    household: Integers
    entered: Integers
    chain: Integers
    left_on: Integers
    next_chain: Integers
    twin_of: Integers
    married_on: Integers = field(default_factory=lambda: np.empty(0, np.int64))
    married_family: Texts = field(default_factory=lambda: no_texts(0))
    married_middle: Texts = field(default_factory=lambda: no_texts(0))

    def __len__(self) -> int:
        return len(self.birth)

    @property
    def is_foreign(self) -> Booleans:
        is_foreign: Booleans = self.origin != NORWEGIAN
        return is_foreign

    def chain_on(self, who: Integers, days: Integers) -> Integers:
        return np.where(days >= self.left_on[who], self.next_chain[who], self.chain[who])

    def families_on(self, who: Integers, days: Integers) -> Texts:
        changed = (days >= self.married_on[who]) & known(self.married_family[who])
        return np.where(changed, self.married_family[who], self.family[who])

    def middles_on(self, who: Integers, days: Integers) -> Texts:
        changed = (days >= self.married_on[who]) & known(self.married_middle[who])
        return np.where(changed, self.married_middle[who], self.middle[who])


def populate(chance: Chance, count: int) -> Persons:
    """A population of `count` persons at the present, and those who come later."""
    years_ahead = (END - PRESENT) / 365.25
    total = count + int(np.ceil(count * ARRIVALS_A_YEAR * years_ahead))
    household, place_in = _households(chance.stream("households"), total)
    rng = chance.stream("persons")
    leads = place_in == 0
    head_of = np.flatnonzero(leads)[household]
    origin = _origins(rng, head_of, total)
    is_male = _sexes(rng, place_in)
    birth = _births(rng, place_in, head_of, origin)
    twin_of = _twins(rng, place_in, birth)
    is_male = np.where(twin_of >= 0, np.where(rng.random(total) < 0.7, is_male[twin_of], is_male), is_male)
    birth = where_numbers_are_left(birth, is_male)
    given, middle, family = _names(chance.stream("names"), origin, is_male, birth, head_of)
    persons = Persons(
        origin, is_male, birth, given, middle, family, household,
        _entries(rng, origin, birth, count), household.copy(),
        np.full(total, NEVER), household.copy(), twin_of,
    )  # fmt: skip
    _name_sons_after_fathers(rng, persons, place_in, head_of)
    return persons


def _households(rng: np.random.Generator, total: int) -> tuple[Integers, Integers]:
    sizes = 1 + weighted(rng, [38, 32, 17, 13], total)
    household, place_in = expanded(sizes)
    return household[:total], place_in[:total]


def _origins(rng: np.random.Generator, head_of: Integers, total: int) -> Integers:
    own = weighted(rng, origin_weights(), total)
    return np.where(rng.random(total) < 0.88, own[head_of], own)


def _sexes(rng: np.random.Generator, place_in: Integers) -> Booleans:
    """First adults are men as often as not in couples; partners are of the other sex but for a few."""
    male = rng.random(len(place_in)) < 0.53
    heads = male[np.maximum(np.arange(len(place_in)) - 1, 0)]
    same = rng.random(len(place_in)) < 0.03
    partner: Booleans = np.where(same, heads, ~heads)
    return np.where(place_in == 1, partner, male)


def where_numbers_are_left(births: Integers, is_male: Booleans) -> Integers:
    """Whoever finds a day's numbers taken is of the next day that has some; in a world of a million nobody does."""
    days = np.arange(births.min(), births.max() + DAYS_TO_SPARE)
    years = years_of(days)
    numbers = np.where((years >= 1940) & (years < 2000), *NUMBERS_A_DAY)
    first = np.concatenate([[0], np.cumsum(numbers)])  # the place of each day's first number among all
    found = births.copy()
    for sex in (False, True):
        among = np.flatnonzero(is_male == sex)
        order = among[np.argsort(births[among], kind="stable")]
        before = np.arange(len(order))
        places = before + np.maximum.accumulate(first[births[order] - days[0]] - before)
        found[order] = days[np.searchsorted(first, places, side="right") - 1]
    return found


def _births(rng: np.random.Generator, place_in: Integers, head_of: Integers, origin: Integers) -> Integers:
    total = len(place_in)
    ages = rng.normal(43, 15, total)
    ages = np.where((ages > 19) & (ages < 84), ages, rng.uniform(20, 70, total))
    own = day(2025) - (365.25 * ages).astype(np.int64)
    has_children = np.zeros(total, dtype=bool)
    has_children[head_of[place_in >= 2]] = True
    own[has_children] = day(2025) - (365.25 * rng.uniform(41, 60, int(has_children.sum()))).astype(np.int64)
    partner = own[head_of] + rng.normal(0, 1200, total).astype(np.int64)
    child = own[head_of] + (365.25 * rng.uniform(22, 34, total)).astype(np.int64)
    births = np.where(place_in == 0, own, np.where(place_in == 1, partner, child))
    births = np.minimum(births, day(2010) - 1 - rng.integers(0, 1500, total))
    registered_on_new_year = (origin != NORWEGIAN) & (rng.random(total) < 0.012)
    return np.where(registered_on_new_year, first_of_year(births), births)


def _twins(rng: np.random.Generator, place_in: Integers, birth: Integers) -> Integers:
    """The second child is now and then the first one's twin; returns the twin's position or -1."""
    second = np.flatnonzero((place_in == 3) & (rng.random(len(place_in)) < 0.07))
    if len(second) == 0:
        second = np.flatnonzero(place_in == 3)[:1]
    birth[second] = birth[second - 1]
    twin_of = np.full(len(place_in), -1)
    twin_of[second] = second - 1
    return twin_of


def _names(
    rng: np.random.Generator, origin: Integers, is_male: Booleans, birth: Integers, head_of: Integers
) -> tuple[Texts, Texts, Texts]:
    total = len(origin)
    given, middle, family = no_texts(total), no_texts(total), no_texts(total)
    years = years_of(birth)
    own_family = rng.random(total) < 0.22
    for number, names in enumerate(origins()):
        position = family_positions(rng, names, total)
        for male in (True, False):
            mine = np.flatnonzero((origin == number) & (is_male == male))
            pool = names.male if male else names.female
            given[mine] = given_names(rng, pool, years[mine])
            middle[mine] = given_names(rng, pool, years[mine])
            families = names.family_male if male else names.family_female
            shared = np.where(own_family[mine], position[mine], position[head_of[mine]])
            family[mine] = families[shared]
    used = rng.random(total)
    family_as_middle = (used < 0.12) & (origin == NORWEGIAN)
    middle[family_as_middle] = origins()[NORWEGIAN].family_male[
        family_positions(rng, origins()[NORWEGIAN], int(family_as_middle.sum()))
    ]
    middle[(used > 0.34) | (middle == given)] = None
    return given, middle, family


def _entries(rng: np.random.Generator, origin: Integers, birth: Integers, count: int) -> Integers:
    """When the registers first know the person: as an adult, on immigration, or after the present."""
    total = len(origin)
    immigrated = rng.integers(day(2006), PRESENT, total)
    entered = np.where((origin != NORWEGIAN) & (rng.random(total) < 0.8), immigrated, ALWAYS)
    later = rng.integers(PRESENT, END, total)
    entered[count:] = later[count:]
    return np.maximum(entered, birth + int(15.5 * 365.25))


def _name_sons_after_fathers(
    rng: np.random.Generator, persons: Persons, place_in: Integers, head_of: Integers
) -> None:
    sons = (place_in == 2) & persons.is_male & persons.is_male[head_of]
    named = np.flatnonzero(sons & (rng.random(len(persons)) < 0.04))
    if len(named) == 0:
        named = np.flatnonzero(sons)[:2]
    father = head_of[named]
    persons.given[named] = persons.given[father]
    persons.family[named] = persons.family[father]
    persons.middle[named] = None


def marry(rng: np.random.Generator, persons: Persons) -> None:
    """Couples form across households; the one who moves in often takes the other's name, or keeps it as a middle one."""
    total = len(persons)
    persons.married_on = np.full(total, NEVER)
    persons.married_family, persons.married_middle = no_texts(total), no_texts(total)
    age = (day(2020) - persons.birth) / 365.25
    single = (age > 18) & (age < 45) & (persons.left_on == NEVER) & (rng.random(total) < 0.22)
    men = rng.permutation(np.flatnonzero(single & persons.is_male))
    women = rng.permutation(np.flatnonzero(single & ~persons.is_male))
    pairs = min(len(men), len(women))
    men = men[:pairs][np.argsort(persons.birth[men[:pairs]])]
    women = women[:pairs][np.argsort(persons.birth[women[:pairs]])]
    apart = persons.household[men] != persons.household[women]
    men, women = men[apart], women[apart]
    adults = np.maximum(persons.birth[men], persons.birth[women]) + int(20 * 365.25)
    when = np.maximum(rng.integers(BEGIN, END, len(men)), np.maximum(adults, BEGIN))
    persons.married_on[men] = persons.married_on[women] = when
    persons.left_on[women] = when
    persons.next_chain[women] = persons.chain[men]
    choice = rng.random(len(women))
    takes, keeps_as_middle = choice < 0.55, choice < 0.25
    persons.married_family[women[takes]] = persons.family[men[takes]]
    persons.married_middle[women[keeps_as_middle]] = persons.family[women[keeps_as_middle]]


def lodge_in_hubs(rng: np.random.Generator, persons: Persons, first_chain: int) -> Integers:
    """Newly arrived workers live in hostels and barracks for some years; returns the hub of each person, or -1."""
    lodgers = np.flatnonzero(
        persons.is_foreign & (persons.entered > day(2006)) & (rng.random(len(persons)) < 0.16)
    )
    hubs = max(2, len(lodgers) // HUB_RESIDENTS)
    hub = np.full(len(persons), -1)
    hub[lodgers] = weighted(rng, 1 / (np.arange(hubs) + 3.0), len(lodgers))
    persons.left_on[lodgers] = persons.entered[lodgers] + rng.integers(200, 3500, len(lodgers))
    persons.next_chain[lodgers] = persons.chain[lodgers]
    persons.chain[lodgers] = first_chain + hub[lodgers]
    return hub
