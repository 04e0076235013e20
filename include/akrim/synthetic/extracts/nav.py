"""NAV's extracts; a person appears with the first case or claim, with the name in one field, as at NAV."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from akrim.synthetic.extracts import misspelling
from akrim.synthetic.extracts.columns import (
    ExtractTable,
    amounts,
    dates,
    extract,
    flags,
    numbered,
    orgnrs,
    person_numbers,
    serials,
)
from akrim.synthetic.extracts.descriptions import ErrorShares, Population, describe
from akrim.synthetic.extracts.nominations import nominations_of
from akrim.synthetic.world.agencies.welfare import BENEFITS, CAUSES
from akrim.synthetic.world.randomness import Integers
from akrim.synthetic.world.timeline import NEVER
from akrim.synthetic.world.world import World

ERRORS = ErrorShares(
    missing=0.04, typo_invalid=0.005, typo_valid_nobody=0.002, typo_valid_other=0.001, borrowed=0.002,
    transliterated=0.05, respelled=0.02, nicknamed=0.004, initial=0.004, swapped_names=0.006, mistyped=0.012,
    no_middle=0.15, birth_family=0.06, swapped_date=0.006, new_year_date=0.006, no_address=0.05, old_address=0.15,
)  # fmt: skip
STALE = 0.4


def extracts(world: World, as_of: int) -> Iterator[ExtractTable]:
    yield _persons(world, as_of)
    yield _cases(world, as_of)
    yield _claims(world, as_of)
    records = (nav_ids(world), np.arange(len(world.persons)), _first_days(world))
    yield nominations_of(world, as_of, "nav", "nav_id", records)


def _first_days(world: World) -> Integers:
    """The day on which NAV first hears of each person; NEVER for most."""
    first = np.full(len(world.persons), NEVER)
    cases, claims = world.welfare.cases, world.welfare.claims
    np.minimum.at(first, cases.person, cases.known_on)
    np.minimum.at(first, claims.person, claims.on)
    return first


def nav_ids(world: World) -> pa.Array:
    """Aligned by person, assigned in the order in which they became known."""
    first = _first_days(world)
    order = np.argsort(first, kind="stable")
    serial = np.empty(len(first), np.int64)
    serial[order] = serials(world.chance, "nav personer", len(first), 3_000_000)
    return numbered("", serial)


def case_ids(world: World) -> pa.Array:
    return numbered("NS", serials(world.chance, "nav saker", len(world.welfare.cases.person), 100), 8)


def _persons(world: World, as_of: int) -> ExtractTable:
    first = _first_days(world)
    who = np.flatnonzero(first < NEVER)
    rng = world.chance.stream("columns of nav personer")
    stale = rng.random(len(who)) < STALE
    days = np.where(stale, first[who], as_of)
    stated = describe(rng, Population(world.persons, world.identities, world.residences), who, days, ERRORS)
    names = misspelling.upper(stated.family + ", " + stated.given_and_middle)
    rows = np.flatnonzero(first[who] <= as_of)
    rows = rows[np.argsort(first[who[rows]], kind="stable")]
    return extract(
        "personer",
        {
            "nav_id": nav_ids(world).take(who[rows]),
            "ident": person_numbers(stated.number[rows]),
            "navn": names[rows],
            "fodselsdato": dates(stated.birth[rows]),
            "postnummer": stated.postcode.take(rows),
        },
        who[rows],
        stated.ident_kind[rows],
    )


def _cases(world: World, as_of: int) -> ExtractTable:
    cases = world.welfare.cases
    rows = np.flatnonzero(cases.known_on <= as_of)
    return extract(
        "saker",
        {
            "sak_id": case_ids(world).take(rows),
            "nav_id": nav_ids(world).take(cases.person[rows]),
            "ytelseskode": BENEFITS[cases.benefit[rows]],
            "feilutbetalt_beloep": amounts(cases.overpaid[rows]),
            "periode_fra": dates(cases.since[rows]),
            "periode_til": dates(cases.until[rows], as_of + 120),
            "aarsak": CAUSES[cases.cause[rows]],
            "arbeidsgiver_orgnr": orgnrs(world.orgnr, cases.employer[rows]),
            "vedtak_endret": flags(cases.changed_on[rows] <= as_of),
            "anmeldt_dato": dates(cases.reported_on[rows], as_of),
        },
    )


def _claims(world: World, as_of: int) -> ExtractTable:
    claims = world.welfare.claims
    ids = numbered("LG", serials(world.chance, "lonnsgaranti", len(claims.on), 100), 7)
    rows = np.flatnonzero(claims.on <= as_of)
    return extract(
        "lonnsgaranti",
        {
            "krav_id": ids.take(rows),
            "nav_id": nav_ids(world).take(claims.person[rows]),
            "orgnr": orgnrs(world.orgnr, claims.enterprise[rows]),
            "beloep": amounts(claims.amount[rows]),
            "dato": dates(claims.on[rows]),
        },
    )
