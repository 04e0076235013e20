"""The business register's extracts, one JSON object per line; unknown or false fields are absent."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.extracts.columns import (
    ExtractTable,
    dates,
    extract,
    numbered,
    orgnrs,
    person_numbers,
    serials,
)
from akrim.synthetic.extracts.descriptions import Descriptions, ErrorShares, Population, describe
from akrim.synthetic.extracts.industries import industry_codes
from akrim.synthetic.world.enterprises import FORMS
from akrim.synthetic.world.randomness import NULL, Booleans, Integers
from akrim.synthetic.world.timeline import END, NEVER
from akrim.synthetic.world.world import World

ERRORS = ErrorShares(
    missing=0.1, typo_invalid=0.002, typo_valid_nobody=0.001, typo_valid_other=0.0005, transliterated=0.03,
    respelled=0.012, initial=0.004, swapped_names=0.002, mistyped=0.006, no_middle=0.1, merged_middle=0.06,
    birth_family=0.06, swapped_date=0.004, new_year_date=0.002,
)  # fmt: skip
STALE = 0.25


def extracts(world: World, as_of: int) -> Iterator[ExtractTable]:
    yield _enterprises(world, as_of)
    yield _roles(world, as_of)


def employee_counts(world: World, as_of: int) -> Integers:
    jobs = world.employment
    there = (jobs.start <= as_of) & (as_of < jobs.end)
    return np.bincount(jobs.enterprise[there], minlength=len(world.enterprises))


def _enterprises(world: World, as_of: int) -> ExtractTable:
    firms = world.enterprises
    rows = np.flatnonzero((firms.registered <= as_of) & (world.orgnr > 0))
    rows = rows[np.argsort(world.orgnr[rows])]
    on = np.minimum(as_of, firms.closed_on[rows])
    office = world.residences.at(firms.chain[rows], on)
    code, description = industry_codes(world, rows, np.minimum(as_of, firms.deleted_on[rows]))
    employees = np.where(firms.deleted_on[rows] <= as_of, 0, employee_counts(world, as_of)[rows])
    rng = world.chance.stream("columns of enheter")
    founding_known = (rng.random(len(firms)) < 0.93)[rows]
    return extract(
        "enheter",
        {
            "organisasjonsnummer": orgnrs(world.orgnr, rows),
            "navn": firms.name[rows],
            "organisasjonsform.kode": FORMS[firms.form[rows]],
            "registreringsdatoEnhetsregisteret": dates(firms.registered[rows]),
            "forretningsadresse.adresse": world.residences.addresses(office),
            "forretningsadresse.postnummer": world.residences.postcodes(office),
            "forretningsadresse.poststed": world.residences.cities(office),
            "forretningsadresse.kommunenummer": world.residences.municipalities(office),
            "forretningsadresse.landkode": pa.repeat("NO", len(rows)),
            "naeringskode1.kode": code,
            "naeringskode1.beskrivelse": description,
            "antallAnsatte": pa.array(employees, mask=employees < 5),
            "stiftelsesdato": dates(np.where(founding_known, firms.founded[rows], NEVER)),
            "registrertIMvaregisteret": firms.is_vat[rows] & (firms.closed_on[rows] > as_of),
            "konkurs": firms.bankrupt_on[rows] <= as_of,
            "konkursdato": dates(firms.bankrupt_on[rows], as_of),
            "underAvvikling": firms.winding_on[rows] <= as_of,
            "underTvangsavviklingEllerTvangsopplosning": firms.compulsory_on[rows] <= as_of,
            "slettedato": dates(firms.deleted_on[rows], as_of),
        },
    )


def _roles(world: World, as_of: int) -> ExtractTable:
    roles, registered = world.roles, world.enterprises.registered[world.roles.enterprise]
    rows = np.flatnonzero((roles.since <= as_of) & (registered <= as_of))
    by_person = roles.person >= 0
    stated = _holders(world, as_of, by_person)
    holder = pa.array(by_person[rows])
    ids = numbered("", serials(world.chance, "roller", len(roles), 1_000_000))
    columns: dict[str, Any] = {
        "rolle_id": ids.take(rows),
        "organisasjonsnummer": orgnrs(world.orgnr, roles.enterprise[rows]),
        "type.kode": roles.code[rows],
        "person.fodselsnummer": person_numbers(stated.number[rows]),
        "person.fodselsdato": dates(stated.birth[rows]),
        "person.navn.fornavn": stated.given[rows],
        "person.navn.mellomnavn": stated.middle[rows],
        "person.navn.etternavn": stated.family[rows],
    }
    for name, values in columns.items():
        if name.startswith("person."):
            columns[name] = pc.if_else(holder, pa.array(values, pa.string()), NULL)
    columns["enhet.organisasjonsnummer"] = orgnrs(world.orgnr, np.where(by_person, -1, roles.holder)[rows])
    columns["fra"] = dates(roles.since[rows])
    columns["til"] = dates(np.where(roles.until >= END, NEVER, roles.until)[rows], as_of)
    return extract("roller", columns, np.where(by_person, roles.person, -1)[rows], stated.ident_kind[rows])


def _holders(world: World, as_of: int, by_person: Booleans) -> Descriptions:
    """The register follows name changes but for some roles that keep the original name."""
    roles = world.roles
    rng = world.chance.stream("columns of roller")
    stale = rng.random(len(roles)) < STALE
    days = np.where(stale, roles.since, np.minimum(as_of, roles.until))
    known = Population(world.persons, world.identities, world.residences)
    return describe(rng, known, np.where(by_person, roles.person, 0), days, ERRORS)
