"""The labour inspection: inspections, its reactions, and the field notes of who was found at work.

Enterprises of risky industries and those of networks are inspected most. Persons found without a registered job are
the undeclared work that no register shows.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.employment import Employment, crew_of_steps
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Chance, Integers, Texts, expanded, weighted
from akrim.synthetic.world.timeline import END, NEVER, day

FIRST = day(2012)
INSPECTIONS_PER_PERSON = 0.034
NETWORK_INSPECTIONS = 1.5
REACTION_TYPES = np.array(
    ["paalegg", "tvangsmulkt", "stans_fare", "stans_press", "overtredelsesgebyr", "politianmeldelse"],
    dtype=object,
)
PAALEGG, TVANGSMULKT, STANS_FARE, STANS_PRESS, OVERTREDELSESGEBYR, POLITIANMELDELSE = range(6)
WORKER, LEADER, UNKNOWN = range(3)
SITE_ROLES = np.array(["arbeidstaker", "leder", "ukjent"], dtype=object)

Seen = tuple[Integers, Integers, Integers]


@dataclass
class Inspections:
    """Inspections by date; reactions and observations point to their inspection."""

    enterprise: Integers
    on: Integers
    type: Texts
    operation: Integers
    checkpoints: Integers
    breaches: Integers
    reaction_inspection: Integers
    reaction_type: Integers
    reaction_on: Integers
    reaction_amount: Integers
    reaction_settled_on: Integers
    reaction_reversed: Integers
    seen_inspection: Integers
    seen_person: Integers
    seen_role: Integers


def inspect(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
    employment: Employment,
) -> Inspections:
    rng = chance.stream("inspections")
    enterprise, on = _visits(rng, enterprises, networks, len(people[0]))
    bad = enterprises.network[enterprise] >= 0
    total = len(on)
    checkpoints = rng.integers(4, 26, total)
    share = np.where(bad, rng.beta(3, 5, total), rng.beta(1.1, 8, total))
    breaches = rng.binomial(checkpoints, share)
    joint = rng.random(total) < np.where(bad, 0.3, 0.06)
    kinds = np.array(["uanmeldt", "anmeldt", "postalt"], dtype=object)
    type_ = kinds[np.where(joint | bad, 0, weighted(rng, [45, 42, 13], total))]
    reactions = _reactions(rng, on, breaches, bad)
    seen = _observations(rng, people, (enterprises, networks), employment, (enterprise, on))
    return Inspections(
        enterprise, on, type_, np.where(joint, on // 7, -1), checkpoints, breaches, *reactions, *seen
    )


def _visits(
    rng: np.random.Generator, enterprises: Enterprises, networks: Networks, persons: int
) -> tuple[Integers, Integers]:
    """Enterprises and days of the inspections, in order of day."""
    wanted = int(persons * INSPECTIONS_PER_PERSON * (END - FIRST) / (day(2026) - FIRST))
    enterprise = weighted(rng, enterprises.risk * np.sqrt(enterprises.size + 0.02), wanted)
    on = rng.integers(FIRST, END, wanted)
    steps, _ = expanded(1 + rng.poisson(NETWORK_INSPECTIONS, len(networks.step_enterprise)))
    chains = networks.step_enterprise[steps]
    life = (
        np.minimum(enterprises.closed_on[chains], enterprises.founded[chains] + 1200)
        - enterprises.founded[chains]
    )
    visited = enterprises.founded[chains] + 60 + (rng.random(len(chains)) * (life - 70)).astype(np.int64)
    enterprise, on = np.concatenate([enterprise, chains]), np.concatenate([on, visited])
    runs = (enterprises.founded[enterprise] < on) & (on < enterprises.closed_on[enterprise]) & (on <= END)
    runs &= on >= FIRST
    order = np.argsort(on[runs], kind="stable")
    return enterprise[runs][order], on[runs][order]


def _reactions(
    rng: np.random.Generator, on: Integers, breaches: Integers, bad: Integers
) -> tuple[Integers, Integers, Integers, Integers, Integers, Integers]:
    """Orders for most breaches, harsher things for few; a police report for the worst, mostly of networks."""
    counts = np.minimum(rng.poisson(breaches * 0.33), 6)
    inspection, _ = expanded(counts)
    kind = weighted(rng, [74, 8, 4, 5, 8, 1.2], len(inspection))
    harsh = weighted(rng, [38, 14, 8, 12, 16, 12], len(inspection))
    kind = np.where(bad[inspection], harsh, kind)
    days = rng.integers(0, 120, len(inspection)) + np.where(kind == POLITIANMELDELSE, 60, 0)
    when = on[inspection] + np.where(
        np.isin(kind, [STANS_FARE, STANS_PRESS]), rng.integers(0, 4, len(days)), days
    )
    order = np.argsort(when, kind="stable")
    inspection, kind, when = inspection[order], kind[order], when[order]
    fined = np.isin(kind, [TVANGSMULKT, OVERTREDELSESGEBYR])
    amount = np.where(fined, rng.integers(8, 220, len(kind)) * 1000, -1)
    settled = when + rng.integers(30, 500, len(kind))
    settled = np.where(rng.random(len(kind)) < np.where(bad[inspection], 0.55, 0.9), settled, NEVER)
    reversed_ = (rng.random(len(kind)) < 0.03).astype(np.int64)
    return inspection, kind, when, amount, settled, reversed_


def _observations(
    rng: np.random.Generator,
    people: tuple[Persons, Identities, Cast],
    businesses: tuple[Enterprises, Networks],
    employment: Employment,
    visits: tuple[Integers, Integers],
) -> Seen:
    """Workers with a job there that day, the leader now and then, and those who have no business being there."""
    enterprises, networks = businesses
    enterprise, on = visits
    parts = [
        _employees_seen(rng, employment, enterprise, on),
        _leaders_seen(rng, enterprises, enterprise, on),
        _strangers_seen(rng, people, on),
        _crew_seen(rng, enterprises, networks, enterprise),
    ]
    inspection, person, role = (np.concatenate(column) for column in zip(*parts, strict=True))
    known = people[0].entered[person] <= on[inspection]
    _, firsts = np.unique(inspection * len(people[0]) + person, return_index=True)
    kept = firsts[known[firsts]]
    return inspection[kept], person[kept], role[kept]


def _employees_seen(
    rng: np.random.Generator, employment: Employment, enterprise: Integers, on: Integers
) -> Seen:
    by_enterprise = np.argsort(employment.enterprise, kind="stable")
    ordered = employment.enterprise[by_enterprise]
    inspection, _ = expanded(rng.poisson(5.5, len(on)))
    first = np.searchsorted(ordered, enterprise[inspection], side="left")
    last = np.searchsorted(ordered, enterprise[inspection], side="right")
    some = last > first
    inspection, first, last = inspection[some], first[some], last[some]
    job = by_enterprise[first + (rng.random(len(first)) * (last - first)).astype(np.int64)]
    there = (employment.start[job] <= on[inspection]) & (on[inspection] < employment.end[job])
    there &= ~employment.is_fictitious[job]
    job, inspection = job[there], inspection[there]
    role = np.where(rng.random(len(job)) < 0.08, UNKNOWN, WORKER)
    return inspection, employment.person[job], role


def _leaders_seen(
    rng: np.random.Generator, enterprises: Enterprises, enterprise: Integers, on: Integers
) -> Seen:
    met = np.flatnonzero(rng.random(len(on)) < 0.16)
    return met, enterprises.owner[enterprise[met]], np.full(len(met), LEADER)


def _strangers_seen(rng: np.random.Generator, people: tuple[Persons, Identities, Cast], on: Integers) -> Seen:
    """Persons without a number, and foreign workers, at work where no register has them."""
    persons, identities, _ = people
    unregistered = np.flatnonzero(identities.is_unregistered)
    foreign = np.flatnonzero(persons.is_foreign)
    inspection, _ = expanded(rng.poisson(0.45, len(on)))
    nameless = (rng.random(len(inspection)) < 0.6) & (len(unregistered) > 0)
    person = foreign[rng.integers(0, len(foreign), len(inspection))]
    if len(unregistered):
        person = np.where(nameless, unregistered[rng.integers(0, len(unregistered), len(inspection))], person)
    role = np.where(rng.random(len(person)) < 0.2, UNKNOWN, WORKER)
    return inspection, person, role


def _crew_seen(
    rng: np.random.Generator, enterprises: Enterprises, networks: Networks, enterprise: Integers
) -> Seen:
    """At a network's enterprise about a third of the crew is found, registered or not."""
    step_of = np.full(len(enterprises), -1)
    step_of[networks.step_enterprise] = np.arange(len(networks.step_enterprise))
    visits = np.flatnonzero(step_of[enterprise] >= 0)
    step, member = crew_of_steps(networks)
    firsts = np.searchsorted(step, np.arange(len(networks.step_enterprise) + 1))
    visited_step = step_of[enterprise[visits]]
    visit, nth = expanded((firsts[1:] - firsts[:-1])[visited_step])
    found = rng.random(len(visit)) < 0.33
    visit, nth = visit[found], nth[found]
    person = networks.crew[member[firsts[visited_step[visit]] + nth]]
    return visits[visit], person, np.full(len(visit), WORKER)
