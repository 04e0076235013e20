"""The labour inspection's extracts. Field notes name people as they were heard on site: the noisiest source."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from akrim.synthetic.extracts.columns import (
    ExtractTable,
    amounts,
    dates,
    extract,
    joined,
    numbered,
    only_share,
    orgnrs,
    person_numbers,
    serials,
)
from akrim.synthetic.extracts.descriptions import ErrorShares, Population, describe
from akrim.synthetic.extracts.industries import industry_codes
from akrim.synthetic.extracts.nominations import nominations_of
from akrim.synthetic.world.agencies.inspections import REACTION_TYPES, SITE_ROLES, WORKER
from akrim.synthetic.world.randomness import Integers
from akrim.synthetic.world.timeline import years_of
from akrim.synthetic.world.world import World

ERRORS = ErrorShares(
    missing=0.45, typo_invalid=0.05, typo_valid_nobody=0.006, typo_valid_other=0.006, borrowed=0.025,
    transliterated=0.16, respelled=0.08, nicknamed=0.05, initial=0.025, swapped_names=0.03, mistyped=0.05,
    no_middle=0.6, merged_middle=0.3, birth_family=0.15, swapped_date=0.03, new_year_date=0.03, no_date=0.14,
    no_address=0.5, old_address=0.15,
)  # fmt: skip


def inspection_ids(world: World) -> pa.Array:
    seen = world.inspections
    serial = serials(world.chance, "tilsyn", len(seen.on), 100)
    return joined(numbered("", years_of(seen.on)), numbered("/", serial))


def reaction_ids(world: World) -> pa.Array:
    seen = world.inspections
    serial = serials(world.chance, "reaksjoner", len(seen.reaction_on), 100)
    return joined(numbered("R", years_of(seen.reaction_on)), numbered("-", serial))


def extracts(world: World, as_of: int) -> Iterator[ExtractTable]:
    yield _inspections(world, as_of)
    yield _reactions(world, as_of)
    yield _observations(world, as_of)
    yield nominations_of(world, as_of, "arbeidstilsynet", "observasjon_id", _records(world))


def _records(world: World) -> tuple[pa.Array, Integers, Integers]:
    seen = world.inspections
    return observation_ids(world), seen.seen_person, seen.on[seen.seen_inspection]


def observation_ids(world: World) -> pa.Array:
    count = len(world.inspections.seen_inspection)
    return numbered("OBS", serials(world.chance, "personer_paa_stedet", count, 100), 8)


def _inspections(world: World, as_of: int) -> ExtractTable:
    seen, enterprises = world.inspections, world.enterprises
    rng = world.chance.stream("columns of tilsyn")
    office = world.residences.at(enterprises.chain[seen.enterprise], seen.on)
    municipality = world.residences.municipalities(office)
    codes = only_share(rng, industry_codes(world, seen.enterprise, seen.on)[0], 0.85)
    operation = pa.array(seen.operation, mask=seen.operation < 0)
    rows = np.flatnonzero(seen.on <= as_of)
    return extract(
        "tilsyn",
        {
            "tilsyn_id": inspection_ids(world).take(rows),
            "orgnr": orgnrs(world.orgnr, seen.enterprise[rows]),
            "dato": dates(seen.on[rows]),
            "kommunenummer": municipality.take(rows),
            "naeringskode": codes[rows],
            "tilsynstype": seen.type[rows],
            "aksjon_id": joined(numbered("AKS-", operation), "-", municipality).take(rows),
            "antall_kontrollpunkter": amounts(seen.checkpoints[rows]),
            "antall_brudd": amounts(seen.breaches[rows]),
        },
    )


def _reactions(world: World, as_of: int) -> ExtractTable:
    seen = world.inspections
    rows = np.flatnonzero(seen.reaction_on <= as_of)
    settled = seen.reaction_settled_on[rows] <= as_of
    status = np.where(settled, np.where(seen.reaction_reversed[rows] == 1, "omgjort", "oppfylt"), "aktiv")
    return extract(
        "reaksjoner",
        {
            "reaksjon_id": reaction_ids(world).take(rows),
            "tilsyn_id": inspection_ids(world).take(seen.reaction_inspection[rows]),
            "type": REACTION_TYPES[seen.reaction_type[rows]],
            "vedtaksdato": dates(seen.reaction_on[rows]),
            "beloep": amounts(seen.reaction_amount[rows]),
            "status": status,
        },
    )


def _observations(world: World, as_of: int) -> ExtractTable:
    seen = world.inspections
    rng = world.chance.stream("columns of personer_paa_stedet")
    on = seen.on[seen.seen_inspection]
    known = Population(world.persons, world.identities, world.residences)
    stated = describe(rng, known, seen.seen_person, on, ERRORS)
    given = stated.given_and_middle
    ids = observation_ids(world)
    working = seen.seen_role == WORKER
    employer = np.where(working & (rng.random(len(on)) < 0.75), seen.enterprise[seen.seen_inspection], -1)
    employer[world.hired_in.seen] = world.hired_in.employer
    nameless = rng.random(len(on)) < 0.01
    given[nameless] = None
    rows = np.flatnonzero(on <= as_of)
    return extract(
        "personer_paa_stedet",
        {
            "observasjon_id": ids.take(rows),
            "tilsyn_id": inspection_ids(world).take(seen.seen_inspection[rows]),
            "ident": person_numbers(stated.number[rows]),
            "fornavn": given[rows],
            "etternavn": stated.family[rows],
            "fodselsdato": dates(stated.birth[rows]),
            "adresse": stated.address.take(rows),
            "postnummer": stated.postcode.take(rows),
            "rolle": SITE_ROLES[seen.seen_role[rows]],
            "arbeidsgiver_orgnr": orgnrs(world.orgnr, employer[rows]),
        },
        seen.seen_person[rows],
        stated.ident_kind[rows],
    )
