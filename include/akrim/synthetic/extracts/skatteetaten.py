"""The tax administration's extracts: its persons, who works where, controls, arrears, and who buys from whom."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.extracts.columns import (
    ExtractTable,
    amounts,
    dates,
    extract,
    flags,
    joined,
    numbered,
    orgnrs,
    person_numbers,
    serials,
)
from akrim.synthetic.extracts.descriptions import ErrorShares, Population, describe
from akrim.synthetic.extracts.nominations import nominations_of
from akrim.synthetic.world.agencies.taxation import CONTROL_TYPES
from akrim.synthetic.world.people.identities import STRICTLY_CONFIDENTIAL, UNPROTECTED
from akrim.synthetic.world.randomness import NULL, Booleans, Integers
from akrim.synthetic.world.timeline import NEVER, day, years_of
from akrim.synthetic.world.world import World

ERRORS = ErrorShares(
    missing=0.009, typo_invalid=0.006, typo_valid_nobody=0.0004, transliterated=0.018, respelled=0.006,
    initial=0.002, swapped_names=0.0015, mistyped=0.005, no_middle=0.06, merged_middle=0.08, birth_family=0.02,
    swapped_date=0.002, new_year_date=0.001, no_address=0.012, old_address=0.02,
)  # fmt: skip
PROTECTIONS = np.array(["ugradert", "klientadresse", "fortrolig", "strengt_fortrolig"], dtype=object)
SECOND_RECORDS = 0.04
TRADE_YEARS = 6


def extracts(world: World, as_of: int) -> Iterator[ExtractTable]:
    yield _persons(world, as_of)
    yield _employment(world, as_of)
    yield _controls(world, as_of)
    yield _arrears(world, as_of)
    yield _trade(world, as_of)
    yield nominations_of(world, as_of, "skatteetaten", "part_id", _records(world))


def _records(world: World) -> tuple[pa.Array, Integers, Integers]:
    since = np.where(world.identities.is_unregistered, NEVER, world.persons.entered)
    return part_ids(world), np.arange(len(world.persons)), since


def part_ids(world: World) -> pa.Array:
    return numbered("", serials(world.chance, "parter", len(world.persons), 10_000_000))


def optional_parts(world: World, person: Integers) -> pa.Array:
    return part_ids(world).take(pa.array(person, mask=person < 0))


def _persons(world: World, as_of: int) -> ExtractTable:
    """One row per registered person; some who got a fødselsnummer have one under each number."""
    persons, identities = world.persons, world.identities
    rng = world.chance.stream("columns of skatteetaten personer")
    became = (identities.d_number > 0) & (identities.national > 0)
    doubled = np.flatnonzero(became & (rng.random(len(persons)) < SECOND_RECORDS))
    who = np.concatenate([np.arange(len(persons)), doubled])
    is_second = np.arange(len(who)) >= len(persons)
    keeps_d_number = np.isin(who, doubled) & ~is_second
    until = np.where(keeps_d_number, identities.number_since[who] - 1, as_of)
    known = Population(persons, identities, world.residences)
    stated = describe(rng, known, who, np.minimum(as_of, until), ERRORS)
    tells_former = ~is_second & ~keeps_d_number & became[who] & (identities.number_since[who] <= as_of)
    former = np.where(tells_former & (rng.random(len(who)) < 0.85), identities.d_number[who], 0)
    ids = pa.concat_arrays([part_ids(world), numbered("", 30_000_000 + doubled)])
    there = np.where(is_second, identities.number_since[who], persons.entered[who]) <= as_of
    rows = np.flatnonzero(there & ~identities.is_unregistered[who])
    return extract(
        "personer",
        _person_columns(world, as_of, who, rows, (ids, stated, former)),
        who[rows],
        stated.ident_kind[rows],
    )


def _person_columns(
    world: World, as_of: int, who: Integers, rows: Integers, parts: tuple[Any, ...]
) -> dict[str, Any]:
    ids, stated, former = parts
    identities = world.identities
    protected = np.where(identities.protected_since[who] <= as_of, identities.protection[who], UNPROTECTED)
    on = np.full(len(rows), as_of)
    dwelling = world.residences.at(world.persons.chain_on(who[rows], on), on)
    address, postcode = stated.address.take(rows), stated.postcode.take(rows)
    municipality = pc.if_else(postcode.is_valid(), world.residences.municipalities(dwelling), NULL)
    is_disclosed = pa.array(protected[rows] != STRICTLY_CONFIDENTIAL)

    def disclosed(values: pa.Array) -> pa.Array:
        return pc.if_else(is_disclosed, values, NULL)

    return {
        "part_id": ids.take(rows),
        "ident": person_numbers(stated.number[rows]),
        "tidligere_ident": person_numbers(former[rows]),
        "fornavn": pa.array(stated.given[rows], pa.string()),
        "mellomnavn": pa.array(stated.middle[rows], pa.string()),
        "etternavn": pa.array(stated.family[rows], pa.string()),
        "fodselsdato": dates(stated.birth[rows]),
        "adresse": disclosed(address),
        "postnummer": disclosed(postcode),
        "kommunenummer": disclosed(municipality),
        "telefon": disclosed(identities.phones(who[rows])),
        "adressebeskyttelse": PROTECTIONS[protected[rows]],
    }


def _employment(world: World, as_of: int) -> ExtractTable:
    jobs = world.employment
    rng = world.chance.stream("columns of arbeidsforhold")
    ids = numbered("", serials(world.chance, "arbeidsforhold", len(jobs), 40_000_000))
    no_percentage, no_pay = rng.random((2, len(jobs))) < np.array([[0.03], [0.06]])
    known = world.enterprises.registered[jobs.enterprise] <= as_of
    rows = np.flatnonzero((jobs.start <= as_of) & known)
    return extract(
        "arbeidsforhold",
        {
            "arbeidsforhold_id": ids.take(rows),
            "part_id": part_ids(world).take(jobs.person[rows]),
            "orgnr": orgnrs(world.orgnr, jobs.enterprise[rows]),
            "startdato": dates(jobs.start[rows]),
            "sluttdato": dates(jobs.end[rows], as_of),
            "stillingsprosent": pa.array(jobs.percentage[rows], mask=no_percentage[rows]),
            "maanedslonn": pa.array(jobs.pay[rows], pa.int64(), mask=no_pay[rows]),
        },
    )


def control_ids(world: World) -> pa.Array:
    controls = world.taxation.controls
    serial = serials(world.chance, "kontroller", len(controls.on), 100)
    return joined(numbered("K", years_of(controls.on)), numbered("", serial, 7))


def _controls(world: World, as_of: int) -> ExtractTable:
    controls = world.taxation.controls
    rows = np.flatnonzero(controls.on <= as_of)
    return extract(
        "kontroller",
        {
            "kontroll_id": control_ids(world).take(rows),
            "orgnr": orgnrs(world.orgnr, controls.enterprise[rows]),
            "part_id": optional_parts(world, controls.person[rows]),
            "type": CONTROL_TYPES[controls.type[rows]],
            "dato": dates(controls.on[rows]),
            "etterberegnet_mva": amounts(controls.vat[rows]),
            "etterberegnet_skatt": amounts(controls.tax[rows]),
            "tilleggsskatt": amounts(controls.penalty[rows]),
            "fiktiv_faktura": flags(controls.is_fictitious_invoice[rows]),
            "anmeldt_dato": dates(controls.reported_on[rows], as_of),
        },
    )


def _arrears(world: World, as_of: int) -> ExtractTable:
    arrears = world.taxation.arrears
    ids = numbered("RS", serials(world.chance, "restanser", len(arrears.since), 100), 8)
    rows = np.flatnonzero((arrears.since <= as_of) & (as_of < arrears.until))
    months = (as_of - arrears.since[rows]) // 30
    amount = arrears.amount[rows].astype(np.int64)
    grown = amount + amount * months // 140
    seized: Booleans = arrears.is_seized[rows] & (months > 4)
    return extract(
        "restanser",
        {
            "restanse_id": ids.take(rows),
            "orgnr": orgnrs(world.orgnr, arrears.enterprise[rows]),
            "part_id": optional_parts(world, arrears.person[rows]),
            "beloep": amounts(grown),
            "per_dato": dates(np.full(len(rows), as_of)),
            "utlegg": flags(seized),
        },
    )


def _trade(world: World, as_of: int) -> ExtractTable:
    """A year's sums are reported early in the next year; years long gone are no longer sent."""
    trade = world.taxation.trade
    ids = numbered("OPP", serials(world.chance, "oppdragsforhold", len(trade.year), 500_000))
    year = int(years_of(np.array([as_of]))[0])
    reported = (trade.year < year) & (trade.year >= year - TRADE_YEARS)
    rows = np.flatnonzero(reported & (as_of > day(year, 2)))
    return extract(
        "oppdragsforhold",
        {
            "oppdrag_id": ids.take(rows),
            "oppdragsgiver_orgnr": orgnrs(world.orgnr, trade.buyer[rows]),
            "leverandor_orgnr": orgnrs(world.orgnr, trade.supplier[rows]),
            "aar": numbered("", trade.year[rows]),
            "beloep": amounts(trade.amount[rows]),
        },
    )
