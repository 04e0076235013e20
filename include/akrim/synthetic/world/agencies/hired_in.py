"""Sites with several employers: workers of other enterprises whom the labour inspection meets beside the inspected one's.

They take the place of some that were met, with a random stream of its own: nothing else moves by it. Most have a registered job
where they say that they work; the crews of networks have not always.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.agencies.inspections import WORKER, Inspections
from akrim.synthetic.world.employment import Employment, crew_of_steps
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Chance, Integers

CREW_SHARE = 0.02


@dataclass
class HiredIn:
    """Aligned by worker: the position of who was met (`seen`), and the enterprise that he works for."""

    seen: Integers
    employer: Integers


def hire_in(
    chance: Chance,
    persons: Persons,
    businesses: tuple[Enterprises, Networks],
    employment: Employment,
    inspections: Inspections,
) -> HiredIn:
    """Put others, in place, where workers of ordinary enterprises were met; each is met once at an inspection."""
    rng = chance.stream("hired in")
    enterprises, networks = businesses
    site = inspections.enterprise[inspections.seen_inspection]
    seen = np.flatnonzero((inspections.seen_role == WORKER) & (enterprises.network[site] < 0))
    on = inspections.on[inspections.seen_inspection[seen]]
    job = rng.integers(0, len(employment), len(seen))
    person, employer = employment.person[job], employment.enterprise[job]
    works = (employment.start[job] <= on) & (on < employment.end[job]) & ~employment.is_fictitious[job]
    step, member = crew_of_steps(networks)
    pair = rng.integers(0, len(step), len(seen))
    crew, firm = networks.crew[member[pair]], networks.step_enterprise[step[pair]]
    runs = (
        (enterprises.founded[firm] + 70 < on)
        & (on < enterprises.closed_on[firm])
        & (persons.entered[crew] <= on)
    )
    by_crew = runs & (rng.random(len(seen)) < CREW_SHARE / max(runs.mean(), CREW_SHARE))
    person, employer = np.where(by_crew, crew, person), np.where(by_crew, firm, employer)
    fit = (works | by_crew) & (employer != site[seen])
    met = inspections.seen_inspection * len(persons) + inspections.seen_person
    now = inspections.seen_inspection[seen] * len(persons) + person
    fit &= ~np.isin(now, met)
    _, once = np.unique(now[fit], return_index=True)
    kept = np.flatnonzero(fit)[once]
    inspections.seen_person[seen[kept]] = person[kept]
    return HiredIn(seen[kept], employer[kept])
