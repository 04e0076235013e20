"""The whole synthetic world from BEGIN to END, a function of the seed and the number of persons alone.

Parts are made in the order of their dependencies; each has its own random stream.
"""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass

import numpy as np

from akrim.synthetic.world import enterprises as enterprise_register
from akrim.synthetic.world import networks as networking
from akrim.synthetic.world.accountants import AccountantChanges, change_accountants
from akrim.synthetic.world.agencies.hired_in import HiredIn, hire_in
from akrim.synthetic.world.agencies.inspections import Inspections, inspect
from akrim.synthetic.world.agencies.police import PoliceCases, investigate
from akrim.synthetic.world.agencies.taxation import Taxation, assess_taxes
from akrim.synthetic.world.agencies.welfare import Welfare, pay_benefits
from akrim.synthetic.world.aligned import together
from akrim.synthetic.world.employment import Employment, generate_employment
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.family import FamilyHandovers, hand_over
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.numbers import organisation_numbers
from akrim.synthetic.world.part_time import SmallPositions, reduce_positions
from akrim.synthetic.world.people import cast as casting
from akrim.synthetic.world.people import identities as identity_register
from akrim.synthetic.world.people import persons as population
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.people.residences import Residences, settle
from akrim.synthetic.world.randomness import Booleans, Chance, Integers
from akrim.synthetic.world.roles import Roles, generate_roles
from akrim.synthetic.world.takeovers import Takeovers, take_over
from akrim.synthetic.world.vocabulary import draw_places
from akrim.synthetic.world.wages import pay_wages

Announce = Callable[[str], None]
OFFICE_HOTEL_SHARE = 0.06
ENTERPRISES_PER_HOTEL = 40


@dataclass
class World:
    chance: Chance
    count: int
    persons: Persons
    identities: Identities
    cast: Cast
    residences: Residences
    enterprises: Enterprises
    orgnr: Integers
    spare_orgnr: Integers
    networks: Networks
    family: FamilyHandovers
    roles: Roles
    employment: Employment
    inspections: Inspections
    taxation: Taxation
    welfare: Welfare
    police: PoliceCases
    takeovers: Takeovers
    hired_in: HiredIn
    underpays: Booleans
    small_positions: SmallPositions
    accountant_changes: AccountantChanges


def make_world(seed: int, count: int, announce: Announce) -> World:
    """The world of that seed with `count` persons at present; `announce` is called with each part's name."""
    chance = Chance(seed)
    announce("persons and households")
    persons = population.populate(chance, count)
    hub = population.lodge_in_hubs(chance.stream("hubs"), persons, int(persons.household[-1]) + 1)
    population.marry(chance.stream("marriages"), persons)
    announce("person numbers")
    identities = identity_register.generate_identities(chance, persons, hub)
    announce("enterprises and networks")
    cast = casting.choose(chance.stream("cast"), persons, identities, count)
    ordinary = enterprise_register.found(chance, persons, identities, cast, count)
    networks, illicit = networking.organise(chance, persons, identities, cast, len(ordinary))
    enterprises = together([ordinary, illicit])
    residences = _house(chance, persons, hub, enterprises, networks)
    people = (persons, identities, cast)
    family = hand_over(chance, people, enterprises)
    roles = generate_roles(chance, people, enterprises, networks, family)
    announce("work, inspections, taxes, benefits, cases")
    employment = generate_employment(chance, people, enterprises, networks, residences)
    inspections = inspect(chance, people, enterprises, networks, employment)
    taxation = assess_taxes(chance, people, enterprises, networks, roles)
    welfare = pay_benefits(chance, people, enterprises, networks, employment)
    police = investigate(chance, people, roles, (inspections, taxation, welfare))
    takeovers = take_over(chance, people, enterprises, (roles, employment), family)
    hired_in = hire_in(chance, persons, (enterprises, networks), employment, inspections)
    underpays = pay_wages(chance, enterprises, networks, employment)
    small_positions = reduce_positions(chance, enterprises, networks, employment, welfare.claims)
    accountant_changes = change_accountants(chance, cast, enterprises, networks, roles)
    spare = 1000 + len(enterprises) // 50
    orgnr = organisation_numbers(len(enterprises) + spare, chance.stream("organisation numbers"))
    world = World(
        chance, count, persons, identities, cast, residences, enterprises, orgnr[:-spare], orgnr[-spare:], networks, family, roles,
        employment, inspections, taxation, welfare, police, takeovers, hired_in, underpays,
        small_positions, accountant_changes,
    )  # fmt: skip
    _compact(world)
    return world


def _compact(part: object) -> None:
    """Whole numbers in four bytes where all of a column fit: a country's world is half as large then."""
    for name, values in vars(part).items():
        if is_dataclass(values) and not isinstance(values, Chance):
            _compact(values)
        elif (
            isinstance(values, np.ndarray)
            and values.dtype == np.int64
            and np.abs(values).max(initial=0) < 1 << 31
        ):
            setattr(part, name, values.astype(np.int32))


def _house(
    chance: Chance, persons: Persons, hub: Integers, enterprises: Enterprises, networks: Networks
) -> Residences:
    """Dwellings of households and hubs, offices of enterprises; fills in the enterprises' chains."""
    rng = chance.stream("residences")
    homes = int(persons.household[-1]) + 1 + int(hub.max()) + 1
    places = draw_places(rng, homes)
    hotels = max(1, int(len(enterprises) * OFFICE_HOTEL_SHARE) // ENTERPRISES_PER_HOTEL)
    in_hotel = (enterprises.chain == -1) & (rng.random(len(enterprises)) < OFFICE_HOTEL_SHARE)
    hotel = homes + rng.integers(0, hotels, len(enterprises))
    own = homes + hotels + np.arange(len(enterprises))
    first_step = int(networks.step_enterprise[0])
    kept = homes + hotels + first_step + (-2 - enterprises.chain)
    chain = enterprises.chain
    enterprises.chain = np.select([chain >= 0, chain <= -2, in_hotel], [chain, kept, hotel], own)
    near_owner = places[np.minimum(persons.chain[enterprises.owner], homes - 1)]
    first_places = np.concatenate([places, draw_places(rng, hotels), near_owner])
    pace = np.zeros(len(first_places))
    pace[: int(persons.household[-1]) + 1] = 0.055
    pace[homes + hotels : homes + hotels + first_step] = 0.025
    return settle(rng, first_places, pace)
