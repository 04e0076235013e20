"""The police's extracts, in ISO-8859-1: other letters lose their diacritics; dates are DD.MM.YYYY."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from akrim.synthetic.extracts import arbeidstilsynet, misspelling, nav, skatteetaten
from akrim.synthetic.extracts.columns import (
    NORWEGIAN,
    ExtractTable,
    dates,
    extract,
    joined,
    numbered,
    orgnrs,
    person_numbers,
    serials,
)
from akrim.synthetic.extracts.descriptions import Descriptions, ErrorShares, Population, describe
from akrim.synthetic.extracts.nominations import nominations_of
from akrim.synthetic.world.agencies.police import (
    BENEFITS,
    CHARGED,
    CONVICTED,
    CONVICTIONS,
    LABOUR,
    OFFENCES,
    OUTCOMES,
    REPORTERS,
    SUSPECTED,
    TAX,
)
from akrim.synthetic.world.randomness import Integers, Texts, only_where
from akrim.synthetic.world.timeline import NEVER, years_of
from akrim.synthetic.world.world import World

ERRORS = ErrorShares(
    missing=0.16, typo_invalid=0.012, typo_valid_nobody=0.002, typo_valid_other=0.002, borrowed=0.008,
    transliterated=0.05, respelled=0.05, nicknamed=0.02, initial=0.006, swapped_names=0.012, mistyped=0.03,
    no_middle=0.45, merged_middle=0.5, birth_family=0.15, swapped_date=0.012, new_year_date=0.012, no_date=0.07,
    no_address=0.12, old_address=0.3,
)  # fmt: skip
INVOLVEMENTS = np.array(["mistenkt", "siktet", "domfelt"], dtype=object)
SECOND_RECORDS = 0.05


class _Records(NamedTuple):
    """The police's person records: a person now and then has a second one."""

    person: Integers
    first_day: Integers
    ids: pa.Array
    of_involvement: Integers


def extracts(world: World, as_of: int) -> Iterator[ExtractTable]:
    records = _records(world)
    known = (records.ids, records.person, records.first_day)
    yield _persons(world, as_of, records)
    yield _cases(world, as_of)
    yield _involved(world, as_of, records)
    yield nominations_of(world, as_of, "politiet", "person_lopenr", known, NORWEGIAN)


def case_numbers(world: World) -> pa.Array:
    cases = world.police
    serial = serials(world.chance, "politiet saker", len(cases.reported_on), 100)
    return joined(numbered("", serial, 8), numbered("/", years_of(cases.reported_on)))


def _records(world: World) -> _Records:
    cases = world.police
    rng = world.chance.stream("records of politiet")
    has_second = rng.random(len(world.persons)) < SECOND_RECORDS
    variant = has_second[cases.involved_person] & (cases.involved_case % 2 == 1)
    keys, of_involvement = np.unique(cases.involved_person * 2 + variant, return_inverse=True)
    first_day = np.full(len(keys), NEVER)
    np.minimum.at(first_day, of_involvement, cases.involved_since)
    serial = np.empty(len(keys), np.int64)
    serial[np.argsort(first_day, kind="stable")] = serials(world.chance, "lopenr", len(keys), 500_000)
    return _Records(keys // 2, first_day, numbered("", serial), of_involvement)


def _described(world: World, records: _Records) -> Descriptions:
    """As noted when first involved; not kept up to date."""
    rng = world.chance.stream("columns of politiet personer")
    known = Population(world.persons, world.identities, world.residences)
    return describe(rng, known, records.person, records.first_day, ERRORS)


def _persons(world: World, as_of: int, records: _Records) -> ExtractTable:
    stated = _described(world, records)
    rows = np.flatnonzero(records.first_day <= as_of)
    rows = rows[np.argsort(records.first_day[rows], kind="stable")]
    return extract(
        "personer",
        {
            "person_lopenr": records.ids.take(rows),
            "ident": person_numbers(stated.number[rows]),
            "fornavn": misspelling.each_distinct(stated.given_and_middle[rows], misspelling.in_latin_1),
            "etternavn": misspelling.each_distinct(stated.family[rows], misspelling.in_latin_1),
            "fodselsdato": dates(stated.birth[rows], form=NORWEGIAN),
            "adresse": stated.address.take(rows),
            "postnummer": stated.postcode.take(rows),
        },
        records.person[rows],
        stated.ident_kind[rows],
    )


def _references(world: World) -> Texts:
    """The reporting agency's own id, for nine in ten of its reports."""
    cases = world.police
    references = np.full(len(cases.reported_on), None, dtype=object)
    ids = {
        LABOUR: arbeidstilsynet.reaction_ids(world),
        TAX: skatteetaten.control_ids(world),
        BENEFITS: nav.case_ids(world),
    }
    has_reference = world.chance.stream("references").random(len(references)) < 0.92
    for reporter, of_agency in ids.items():
        rows = np.flatnonzero((cases.reporter == reporter) & (cases.reference >= 0) & has_reference)
        references[rows] = of_agency.take(cases.reference[rows])
    return references


def _cases(world: World, as_of: int) -> ExtractTable:
    cases = world.police
    rows = np.flatnonzero(cases.reported_on <= as_of)
    decided = cases.decided_on[rows] <= as_of
    return extract(
        "saker",
        {
            "saksnummer": case_numbers(world).take(rows),
            "anmeldt_dato": dates(cases.reported_on[rows], form=NORWEGIAN),
            "anmelder": REPORTERS[cases.reporter[rows]],
            "anmelder_ref": _references(world)[rows],
            "lovbruddskategori": OFFENCES[cases.offence[rows]],
            "orgnr": orgnrs(world.orgnr, cases.enterprise[rows]),
            "avgjorelse": only_where(decided, OUTCOMES[cases.outcome[rows]]),
            "avgjorelse_dato": dates(cases.decided_on[rows], as_of, NORWEGIAN),
        },
    )


def _involved(world: World, as_of: int, records: _Records) -> ExtractTable:
    cases = world.police
    ids = numbered("I", serials(world.chance, "involverte", len(cases.involved_case), 700_000))
    rows = np.flatnonzero(cases.involved_since <= as_of)
    case = cases.involved_case[rows]
    convicted = np.isin(cases.outcome[case], CONVICTIONS) & (cases.decided_on[case] <= as_of)
    role = np.where(cases.charged_on[rows] <= as_of, CHARGED, SUSPECTED)
    return extract(
        "involverte",
        {
            "involvert_id": ids.take(rows),
            "saksnummer": case_numbers(world).take(case),
            "person_lopenr": records.ids.take(records.of_involvement[rows]),
            "rolle": INVOLVEMENTS[np.where(convicted, CONVICTED, role)],
        },
    )
