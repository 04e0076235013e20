"""Criminal networks: chains of enterprises that go bankrupt and are continued by others, and those who run them.

A network has a leader, members, a crew of workers and a chain of enterprises in one industry. Each enterprise but the
last goes bankrupt with arrears; its successor starts within weeks with the same leader, address or industry and part
of the crew. In every other network the leader hands over to a straw man at the same address and disappears from the
register. Some run side enterprises, or have the crew pose as sole proprietors with one principal.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.aligned import together
from akrim.synthetic.world.enterprises import AS, ENK, NUF, Enterprises, enterprise_names
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Booleans, Chance, Integers, expanded, weighted
from akrim.synthetic.world.timeline import END, NEVER, day
from akrim.synthetic.world.vocabulary import table

# The first networks have every trait, and early: also the smallest world shows the whole story.
SURE_STARTS = (day(2014), day(2016), day(2018))


@dataclass
class Networks:
    """Aligned by network, then by step (network, nth, position among all enterprises), then by crew member."""

    start: Integers
    uses_straw_man: Booleans
    uses_fictitious_jobs: Booleans
    uses_sole_proprietors: Booleans
    uses_fictitious_invoices: Booleans
    step_network: Integers
    step_number: Integers
    step_enterprise: Integers
    handover_on: Integers
    side_network: Integers
    side_enterprise: Integers
    crew: Integers
    crew_network: Integers
    sole_network: Integers
    sole_enterprise: Integers

    def is_last(self) -> Booleans:
        return np.append(self.step_network[1:] != self.step_network[:-1], True)


def organise(
    chance: Chance, persons: Persons, identities: Identities, cast: Cast, first: int
) -> tuple[Networks, Enterprises]:
    """The networks and their enterprises, whose positions count on from `first`."""
    rng = chance.stream("networks")
    count = len(cast.leaders)
    start = rng.integers(day(2012), day(2030), count)
    start[: len(SURE_STARTS)] = SURE_STARTS
    traits = rng.random((4, count)) < np.array([0.45, 0.5, 0.3, 0.6])[:, None]
    traits[:, : len(SURE_STARTS)] = True
    network, nth = expanded(rng.integers(2, 6, count))
    founded, bankrupt = _chain_days(rng, start, network, nth)
    crew, crew_network = _crews(rng, persons, start)
    unused = cast.straw_men[~traits[0]]
    cast.kind[unused], cast.network[unused] = "ordinary", -1
    _share_addresses(cast, persons, start, traits[0])
    chain_part = _chain_enterprises(rng, persons, cast, (network, nth), (founded, bankrupt))
    sole = np.flatnonzero(
        traits[2][crew_network] & (rng.random(len(crew)) < 0.4) & ~identities.is_unregistered[crew]
    )
    side = np.flatnonzero(rng.random(count) < 0.5)
    others = _other_enterprises(
        rng, persons, start, (side, cast.leaders[side]), (crew_network[sole], crew[sole])
    )
    steps = len(network)
    handover = np.where(bankrupt < NEVER, bankrupt - rng.integers(20, 150, steps), NEVER)
    return Networks(
        start, *traits, network, nth, first + np.arange(steps), handover, side,
        first + steps + np.arange(len(side)), crew, crew_network, crew_network[sole],
        first + steps + len(side) + np.arange(len(sole)),
    ), together([chain_part, others])  # fmt: skip


def _chain_days(
    rng: np.random.Generator, start: Integers, network: Integers, nth: Integers
) -> tuple[Integers, Integers]:
    """Founding and bankruptcy of every step; the last one of a chain does not go bankrupt."""
    lives = rng.integers(380, 1000, len(network))
    gaps = rng.integers(-80, 45, len(network))
    last = np.append(network[1:] != network[:-1], True)
    elapsed = np.cumsum(lives + gaps) - (lives + gaps)
    founded = start[network] + elapsed - elapsed[nth == 0][network]
    return founded, np.where(last, NEVER, founded + lives)


def _crews(rng: np.random.Generator, persons: Persons, start: Integers) -> tuple[Integers, Integers]:
    """Nine to twenty-six workers each, most of them foreign, known to the registers when the network starts."""
    network, _ = expanded(rng.integers(9, 27, len(start)))
    pool = np.flatnonzero(persons.is_foreign & (persons.birth < day(1998)))
    crew = pool[rng.integers(0, len(pool), len(network))]
    for _ in range(10):
        late = np.flatnonzero(persons.entered[crew] > start[network] + 400)
        crew[late] = pool[rng.integers(0, len(pool), len(late))]
    _, firsts = np.unique(network * len(persons) + crew, return_index=True)
    return crew[firsts], network[firsts]


def _share_addresses(cast: Cast, persons: Persons, start: Integers, uses_straw_man: Booleans) -> None:
    """A straw man moves in with the leader before he lends his name."""
    straw, leader = cast.straw_men[uses_straw_man], cast.leaders[uses_straw_man]
    persons.left_on[straw] = start[uses_straw_man]
    persons.next_chain[straw] = persons.chain_on(leader, start[uses_straw_man] + 400)


def _chain_enterprises(
    rng: np.random.Generator,
    persons: Persons,
    cast: Cast,
    steps: tuple[Integers, Integers],
    life: tuple[Integers, Integers],
) -> Enterprises:
    founded, bankrupt = life
    network, nth = steps
    total = len(network)
    risk = table("industries")["risk"].astype(float)
    home_industry = weighted(rng, risk**2 * (risk >= 5), network.max() + 1)
    moved = weighted(rng, risk**2 * (risk >= 5), total)
    industry = np.where((nth > 0) & (rng.random(total) < 0.15), moved, home_industry[network])
    owner = cast.leaders[network]
    compulsory = np.where(
        (bankrupt == NEVER) & (rng.random(total) < 0.25), founded + rng.integers(500, 1200, total), NEVER
    )
    closed = np.minimum(bankrupt, compulsory)
    form = np.where(rng.random(total) < 0.1, NUF, AS)
    return Enterprises(
        form, industry, enterprise_names(rng, persons, form, industry, owner), founded,
        founded + rng.integers(0, 25, total), rng.random(total) < 0.7, bankrupt, np.full(total, NEVER),
        compulsory, np.where(closed < NEVER, closed + rng.integers(90, 500, total), NEVER),
        _kept_addresses(rng, persons, owner, nth, founded), owner, np.full(total, 0.0), network,
    )  # fmt: skip


def _kept_addresses(
    rng: np.random.Generator, persons: Persons, owner: Integers, nth: Integers, founded: Integers
) -> Integers:
    """Chains -2 - step: the office of that step's predecessor-most enterprise with the same address; or a home."""
    total = len(nth)
    fresh = (nth == 0) | (rng.random(total) < 0.4)
    root = np.maximum.accumulate(np.where(fresh, np.arange(total), 0))
    at_home = rng.random(total) < 0.25
    return np.where(at_home[root], persons.chain_on(owner[root], founded[root]), -2 - root)


def _other_enterprises(
    rng: np.random.Generator,
    persons: Persons,
    start: Integers,
    sides: tuple[Integers, Integers],
    soles: tuple[Integers, Integers],
) -> Enterprises:
    """Side enterprises in another industry, and the crew's sole proprietorships, founded within a season."""
    network = np.concatenate([sides[0], soles[0]])
    owner = np.concatenate([sides[1], soles[1]])
    total, is_sole = len(network), np.arange(len(network)) >= len(sides[0])
    risk = table("industries")["risk"].astype(float)
    builders = np.flatnonzero((risk >= 6) & (risk <= 7))
    industry = np.where(is_sole, builders[network % len(builders)], weighted(rng, 10 - risk, total))
    founded = start[network] + np.where(
        is_sole, 250 + rng.integers(0, 90, total), rng.integers(200, 1500, total)
    )
    founded = np.maximum(founded, np.maximum(persons.entered[owner], persons.birth[owner] + 6600) + 30)
    form = np.where(is_sole, ENK, AS)
    wound_up = is_sole & (rng.random(total) < 0.3)
    winding = np.where(wound_up, np.minimum(founded + rng.integers(400, 1800, total), END), NEVER)
    return Enterprises(
        form, industry, enterprise_names(rng, persons, form, industry, owner), founded,
        founded + rng.integers(0, 25, total), rng.random(total) < 0.5, np.full(total, NEVER), winding,
        np.full(total, NEVER), np.where(wound_up, winding + 120, NEVER),
        np.where(is_sole, persons.chain_on(owner, founded), -1), owner, np.full(total, 0.0), network,
    )  # fmt: skip
