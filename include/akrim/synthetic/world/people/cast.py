"""The roles in the story: leaders and members of networks, straw men, lone offenders, and honest look-alikes.

Each person has at most one. Only the answer key knows it; no delivery contains it.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Integers, Texts, same_text
from akrim.synthetic.world.timeline import day

PERSONS_PER_NETWORK = 800
THREAT_ACTORS = ("network_leader", "network_member", "solo_actor")


@dataclass
class Cast:
    """Persons by part, the kind of every person and the network they belong to (-1: none)."""

    kind: Texts
    network: Integers
    leaders: Integers
    members: Integers
    member_network: Integers
    straw_men: Integers
    solo_actors: Integers
    serial_entrepreneurs: Integers
    accountants: Integers
    auditors: Integers
    estate_lawyers: Integers
    registration_agents: Integers


def choose(rng: np.random.Generator, persons: Persons, identities: Identities, count: int) -> Cast:
    """Parts in proportion to the population, at least a few of each."""
    networks = max(3, count // PERSONS_PER_NETWORK)
    sizes = rng.integers(2, 5, networks)
    wanted = {
        "network_leader": networks,
        "network_member": int(sizes.sum()),
        "straw_man": networks,
        "solo_actor": max(4, int(networks * 1.6)),
        "serial_entrepreneur": max(3, count // 1200),
        "accountant": max(2, count // 2500),
        "auditor": max(2, count // 3500),
        "estate_lawyer": max(2, count // 5000),
        "registration_agent": max(1, count // 10000),
    }
    pool = _grown_residents(rng, persons, identities)
    bounds = np.cumsum([0, *wanted.values()])
    parts = {part: pool[start:end] for part, start, end in zip(wanted, bounds, bounds[1:], strict=False)}
    kind = same_text("ordinary", len(persons))
    network = np.full(len(persons), -1)
    for part, who in parts.items():
        kind[who] = part
    member_network = np.repeat(np.arange(networks), sizes)
    network[parts["network_leader"]] = network[parts["straw_man"]] = np.arange(networks)
    network[parts["network_member"]] = member_network
    return Cast(
        kind, network, parts["network_leader"], parts["network_member"], member_network, parts["straw_man"],
        parts["solo_actor"], parts["serial_entrepreneur"], parts["accountant"], parts["auditor"],
        parts["estate_lawyer"], parts["registration_agent"],
    )  # fmt: skip


def _grown_residents(rng: np.random.Generator, persons: Persons, identities: Identities) -> Integers:
    """Known to the registers since before 2012, of working age, three in four of them men."""
    born = persons.birth
    suitable = (persons.entered < day(2012)) & ~identities.is_unregistered
    suitable &= (
        (born > day(1955)) & (born < day(1990)) & (persons.is_male | (rng.random(len(persons)) < 0.35))
    )
    suitable &= identities.protection == 0
    return rng.permutation(np.flatnonzero(suitable))


def eligible_owners(
    rng: np.random.Generator, persons: Persons, identities: Identities, days: Integers
) -> Integers:
    """One grown, registered, ordinary person per day given, drawn at random."""
    candidates = np.flatnonzero(~identities.is_unregistered)
    who = candidates[rng.integers(0, len(candidates), len(days))]
    for _ in range(30):
        age = (days - persons.birth[who]) / 365.25
        unfit = np.flatnonzero((persons.entered[who] > days) | (age < 18) | (age > 75))
        if len(unfit) == 0:
            break
        who[unfit] = candidates[rng.integers(0, len(candidates), len(unfit))]
    return who
