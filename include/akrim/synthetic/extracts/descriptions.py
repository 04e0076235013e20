"""How an agency describes a person: the truth on a day, with that agency's kinds of errors.

Errors are drawn for all of an agency's records at once, whatever the period, so that a record stays wrong in the same way
from one period to the next. `ident_kind` tells the answer key what is wrong with the number.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.extracts import misspelling
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.people.residences import Residences
from akrim.synthetic.world.randomness import NULL, Booleans, Integers, Texts, known, texts
from akrim.synthetic.world.timeline import NEVER, day_and_month_swapped, first_of_year

NUMBER_ERRORS = ("missing", "typo_invalid", "typo_valid_nobody", "typo_valid_other", "borrowed")


@dataclass(frozen=True)
class ErrorShares:
    """Shares of records with each kind of error."""

    missing: float = 0.0
    typo_invalid: float = 0.0
    typo_valid_nobody: float = 0.0
    typo_valid_other: float = 0.0
    borrowed: float = 0.0
    transliterated: float = 0.0
    respelled: float = 0.0
    nicknamed: float = 0.0
    initial: float = 0.0
    swapped_names: float = 0.0
    mistyped: float = 0.0
    no_middle: float = 0.0
    merged_middle: float = 0.0
    birth_family: float = 0.0
    swapped_date: float = 0.0
    new_year_date: float = 0.0
    no_date: float = 0.0
    no_address: float = 0.0
    old_address: float = 0.0


@dataclass
class Descriptions:
    """Aligned with the records; birth is NEVER if not stated, number 0 if there is none."""

    number: Integers
    ident_kind: Texts
    given: Texts
    middle: Texts
    family: Texts
    birth: Integers
    address: pa.Array
    postcode: pa.Array

    @property
    def given_and_middle(self) -> Texts:
        """Both in one, for agencies without a field for middle names."""
        has_middle = known(self.middle)
        return np.where(has_middle, self.given + " " + np.where(has_middle, self.middle, ""), self.given)


@dataclass(frozen=True)
class Population:
    """The parts of the world that descriptions are made from."""

    persons: Persons
    identities: Identities
    residences: Residences


def describe(
    rng: np.random.Generator, world: Population, who: Integers, days: Integers, errors: ErrorShares
) -> Descriptions:
    """One description per record: of that person, on that day, with that agency's errors."""
    persons, identities = world.persons, world.identities
    number, kind = _numbers(rng, identities, who, days, errors)
    given, middle, family = _names(rng, persons, who, days, errors)
    births = identities.births_on(who, days, persons.birth)
    address, postcode = _addresses(rng, world, who, days, errors)
    return Descriptions(number, kind, given, middle, family, _births(rng, births, errors), address, postcode)


def _chosen(rng: np.random.Generator, total: int, share: float) -> Integers:
    return np.flatnonzero(rng.random(total) < share)


def _numbers(
    rng: np.random.Generator, identities: Identities, who: Integers, days: Integers, errors: ErrorShares
) -> tuple[Integers, Texts]:
    number = identities.numbers_on(who, days)
    kind = texts(["ok", "none"])[(number == 0).astype(np.int64)]
    has_number = number > 0
    draw, limit = rng.random(len(who)), 0.0
    national = identities.national[identities.national > 0]
    others = national[rng.integers(0, len(national), len(who))]
    wrong = {
        "missing": np.zeros(len(who), np.int64),
        "typo_invalid": _one_digit_off(rng, number),
        "typo_valid_nobody": identities.nobodys[who],
        "typo_valid_other": others,
        "borrowed": others,
    }
    for error in NUMBER_ERRORS:
        share = getattr(errors, error)
        mine = has_number & (draw >= limit) & (draw < limit + share)
        number, kind[mine] = np.where(mine, wrong[error], number), error
        limit += share
    return number, kind


def _one_digit_off(rng: np.random.Generator, numbers: Integers) -> Integers:
    """One of the last nine digits raised by 1 to 9: the control digits never fit then."""
    place = 10 ** rng.integers(0, 9, len(numbers))
    digit = numbers // place % 10
    return numbers + ((digit + rng.integers(1, 10, len(numbers))) % 10 - digit) * place


def _names(
    rng: np.random.Generator, persons: Persons, who: Integers, days: Integers, errors: ErrorShares
) -> tuple[Texts, Texts, Texts]:
    total = len(who)
    given, family, middle = persons.given[who], persons.families_on(who, days), persons.middles_on(who, days)
    maiden = _chosen(rng, total, errors.birth_family)
    family[maiden], middle[maiden] = persons.family[who[maiden]], persons.middle[who[maiden]]
    middle[_chosen(rng, total, errors.no_middle)] = None
    merged = _chosen(rng, total, errors.merged_middle)
    merged = merged[known(middle[merged])]
    given[merged], middle[merged] = given[merged] + " " + middle[merged], None
    given, family = _respell(rng, given, family, errors)
    rows = _chosen(rng, total, errors.nicknamed)
    given[rows] = misspelling.nicknamed(given[rows])
    rows = _chosen(rng, total, errors.initial)
    given[rows] = misspelling.initials(given[rows])
    for names in (given, family):
        rows = _chosen(rng, total, errors.mistyped)
        names[rows] = misspelling.mistyped(names[rows], rng)
    rows = _chosen(rng, total, errors.swapped_names)
    given[rows], family[rows] = family[rows], given[rows]
    return given, middle, family


def _respell(
    rng: np.random.Generator, given: Texts, family: Texts, errors: ErrorShares
) -> tuple[Texts, Texts]:
    total = len(given)
    for transliterate in (misspelling.plain, misspelling.with_digraphs):
        rows = _chosen(rng, total, errors.transliterated / 2)
        given[rows] = misspelling.each_distinct(given[rows], transliterate)
        family[rows] = misspelling.each_distinct(family[rows], transliterate)
    for names in (given, family):
        rows = _chosen(rng, total, errors.respelled)
        names[rows] = misspelling.respelled(names[rows], rng)
    return given, family


def _births(rng: np.random.Generator, births: Integers, errors: ErrorShares) -> Integers:
    draw = rng.random(len(births))
    births = np.where(draw < errors.swapped_date, day_and_month_swapped(births), births)
    draw = rng.random(len(births))
    births = np.where(draw < errors.new_year_date, first_of_year(births), births)
    return np.where(rng.random(len(births)) < errors.no_date, NEVER, births)


def _addresses(
    rng: np.random.Generator, world: Population, who: Integers, days: Integers, errors: ErrorShares
) -> tuple[pa.Array, pa.Array]:
    total = len(who)
    old: Booleans = rng.random(total) < errors.old_address
    asked = np.where(old, days - rng.integers(200, 2500, total), days)
    dwelling = world.residences.at(world.persons.chain_on(who, asked), asked)
    address, postcode = world.residences.addresses(dwelling), world.residences.postcodes(dwelling)
    is_short = pa.array(rng.random(total) < 0.05)
    shortened = misspelling.abbreviated_streets(address.filter(is_short))
    address = pc.replace_with_mask(address, is_short, shortened)
    address = pc.if_else(pa.array(rng.random(total) < errors.no_address), NULL, address)
    return address, pc.if_else(pa.array(rng.random(total) < errors.no_address * 0.7), NULL, postcode)
