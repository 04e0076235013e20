"""Who works where and when, as registered: ordinary jobs, the crews of networks, and jobs that exist on paper only.

Sorted by first day, so ids can follow it. What is worked without being registered is not here (inspections.py).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from akrim.synthetic.world.aligned import taken, together
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.people.residences import Residences
from akrim.synthetic.world.randomness import Booleans, Chance, Floats, Integers, expanded
from akrim.synthetic.world.timeline import BEGIN, END, NEVER, day
from akrim.synthetic.world.vocabulary import counties

JOBS_PER_PERSON = 2.0
CREW_REGISTERED = 0.8


@dataclass
class Employment:
    """Aligned by employment; `end` is NEVER while it lasts."""

    person: Integers
    enterprise: Integers
    start: Integers
    end: Integers
    percentage: Floats
    pay: Integers
    is_fictitious: Booleans

    def __len__(self) -> int:
        return len(self.person)


def generate_employment(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
    residences: Residences,
) -> Employment:
    rng = chance.stream("employment")
    persons, identities, _ = people
    parts = [
        _ordinary(rng, persons, identities, enterprises, residences),
        _crews(rng, identities, enterprises, networks),
        _on_paper(rng, persons, identities, enterprises, networks),
    ]
    jobs = together(parts)
    kept = np.flatnonzero((jobs.start < np.minimum(jobs.end, END)) & (jobs.enterprise >= 0))
    kept = kept[np.argsort(jobs.start[kept], kind="stable")]
    return taken(jobs, kept)


def _jobs(
    rng: np.random.Generator, person: Integers, enterprise: Integers, start: Integers, end: Integers
) -> Employment:
    total = len(person)
    percentage = rng.choice(
        [100.0, 80.0, 60.0, 50.0, 37.5, 20.0], total, p=[0.66, 0.1, 0.08, 0.07, 0.05, 0.04]
    )
    pay = (rng.lognormal(10.62, 0.28, total) * percentage / 1000).astype(np.int64) * 10
    return Employment(person, enterprise, start, end, percentage, pay, np.zeros(total, dtype=bool))


def _ordinary(
    rng: np.random.Generator,
    persons: Persons,
    identities: Identities,
    enterprises: Enterprises,
    residences: Residences,
) -> Employment:
    counts = rng.poisson(JOBS_PER_PERSON, len(persons))
    counts[identities.is_unregistered] = 0
    person, _ = expanded(counts)
    earliest = np.maximum(np.maximum(persons.entered[person], BEGIN), persons.birth[person] + 6200)
    latest = np.minimum(persons.birth[person] + 24500, END)
    start = earliest + (rng.random(len(person)) * (latest - earliest)).astype(np.int64)
    possible = (latest > earliest) & (start < END)
    person, start = person[possible], start[possible]
    enterprise = _employers(rng, persons, enterprises, residences, (person, start))
    length = 40 + (rng.exponential(4.5, len(person)) * 365.25).astype(np.int64)
    end = np.minimum(start + length, enterprises.closed_on[enterprise])
    return _jobs(rng, person, enterprise, start, np.where(end > END, NEVER, end))


def _employers(
    rng: np.random.Generator,
    persons: Persons,
    enterprises: Enterprises,
    residences: Residences,
    starting: tuple[Integers, Integers],
) -> Integers:
    """An enterprise that runs all that quarter, mostly in the person's county, in proportion to its size."""
    person, start = starting
    home = counties()[residences.place[residences.at(persons.chain[person], start)]]
    office = counties()[residences.place[residences.at(enterprises.chain, enterprises.founded)]]
    order = np.argsort(office, kind="stable")
    chosen = np.full(len(person), -1)
    quarter = (start - BEGIN) // 91
    by_quarter = np.argsort(quarter, kind="stable")
    bounds = np.searchsorted(quarter[by_quarter], np.arange(quarter.max() + 2))
    for number, (first, last) in enumerate(pairwise(bounds)):
        opening = BEGIN + number * 91
        runs = (enterprises.founded <= opening) & (enterprises.closed_on > opening + 120)
        weights = np.cumsum(np.where(runs, enterprises.size, 0.0)[order])
        jobs = by_quarter[first:last]
        chosen[jobs] = order[_draw_near(rng, weights, office[order], home[jobs])]
    return chosen


def _draw_near(rng: np.random.Generator, cumulated: Floats, office: Integers, home: Integers) -> Integers:
    padded = np.concatenate([[0.0], cumulated])
    low = padded[np.searchsorted(office, home, side="left")]
    high = padded[np.searchsorted(office, home, side="right")]
    anywhere = (rng.random(len(home)) < 0.12) | (high <= low)
    low, high = np.where(anywhere, 0.0, low), np.where(anywhere, cumulated[-1], high)
    drawn = np.searchsorted(cumulated, low + rng.random(len(home)) * (high - low), side="right")
    chosen: Integers = np.minimum(drawn, len(cumulated) - 1)
    return chosen


def crew_of_steps(networks: Networks) -> tuple[Integers, Integers]:
    """Every pair of a chain's step and a worker of its network: positions of steps and of crew members."""
    sizes = np.bincount(networks.crew_network, minlength=len(networks.start))
    firsts = np.cumsum(sizes) - sizes
    step, nth = expanded(sizes[networks.step_network])
    return step, firsts[networks.step_network[step]] + nth


def _crews(
    rng: np.random.Generator, identities: Identities, enterprises: Enterprises, networks: Networks
) -> Employment:
    """The crew moves with the chain: who worked for the bankrupt one mostly works for its successor."""
    step, member = crew_of_steps(networks)
    registered = rng.random(len(step)) < CREW_REGISTERED
    registered &= ~identities.is_unregistered[networks.crew[member]]
    posing = np.isin(networks.crew[member], enterprises.owner[networks.sole_enterprise])
    registered &= ~(posing & (networks.step_number[step] > 0))
    step, member = step[registered], member[registered]
    enterprise = networks.step_enterprise[step]
    start = enterprises.founded[enterprise] + rng.integers(3, 70, len(step))
    stays = np.where(rng.random(len(step)) < 0.6, NEVER, start + rng.integers(60, 600, len(step)))
    return _jobs(
        rng, networks.crew[member], enterprise, start, np.minimum(stays, enterprises.closed_on[enterprise])
    )


def _on_paper(
    rng: np.random.Generator,
    persons: Persons,
    identities: Identities,
    enterprises: Enterprises,
    networks: Networks,
) -> Employment:
    """Three to eight employed at a good wage for some months, just long enough to claim a benefit."""
    steps = np.flatnonzero(networks.uses_fictitious_jobs[networks.step_network] & (networks.step_number < 2))
    step, _ = expanded(rng.integers(3, 9, len(steps)))
    step = steps[step]
    pool = np.flatnonzero(~identities.is_unregistered & (persons.entered < day(2012)))
    person = pool[rng.integers(0, len(pool), len(step))]
    enterprise = networks.step_enterprise[step]
    start = enterprises.founded[enterprise] + rng.integers(40, 200, len(step))
    end = np.minimum(start + rng.integers(120, 320, len(step)), enterprises.closed_on[enterprise])
    jobs = _jobs(rng, person, enterprise, start, end)
    jobs.percentage[:] = 100.0
    jobs.pay = 60_000 + rng.integers(0, 2500, len(step)) * 10
    jobs.is_fictitious[:] = True
    return jobs
