"""Positions smaller than the work, which show when the employer goes bankrupt and the wages are claimed; and what resembles them.

Some networks register most of the crew in a small position and pay the rest unseen. Honest look-alikes: staff on call who are asked for
more than their position, a few whose position was reduced before the end, and now and then everybody's. Drawn from a random stream
of its own, on the finished employments and claims.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.agencies.welfare import Claims
from akrim.synthetic.world.employment import Employment
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import SURE_STARTS, Networks
from akrim.synthetic.world.randomness import Booleans, Chance, Floats, Integers, Texts
from akrim.synthetic.world.timeline import END

UNDERSTATING_SHARE = 0.4
CREW_UNDERSTATED = 0.75
SMALL = (10.0, 15.0, 20.0, 25.0)
HONEST, UNDERSTATED, ON_CALL, FEW_REDUCED, ALL_REDUCED = range(5)
KINDS = np.array(["", "understated", "on_call", "few_reduced", "all_reduced"], dtype=object)
# Of ordinary enterprises that go bankrupt: staff on call, one or two in a reduced position, everybody in one.
LOOK_ALIKES = (0.3, 0.2, 0.1)
# What is claimed, in months' pay of a full position: at least and at most, by kind.
FULL_MONTHS = np.array([(0.0, 0.0), (4.1, 6.5), (0.5, 3.5), (2.0, 5.5), (1.0, 5.0)])


@dataclass
class SmallPositions:
    """Which networks understate positions; and the kind of each job that is small for whatever reason, by employment."""

    understates: Booleans
    kind: Integers

    def kinds(self, jobs: Integers) -> Texts:
        told: Texts = KINDS[self.kind[jobs]]
        return told


def reduce_positions(
    chance: Chance, enterprises: Enterprises, networks: Networks, employment: Employment, claims: Claims
) -> SmallPositions:
    """Settle the positions, the pay and what is claimed, in place."""
    rng = chance.stream("part time")
    understates = rng.random(len(networks.start)) < UNDERSTATING_SHARE
    understates[: len(SURE_STARTS)] = True
    kind = _kinds(rng, enterprises, networks, employment, understates)
    small = np.flatnonzero(kind)
    full = employment.pay[small] * 100 / employment.percentage[small]
    share = rng.choice(SMALL, len(small))
    employment.percentage[small] = share
    employment.pay[small] = (full * share / 100).astype(np.int64)
    _claim(rng, claims, employment, (small, kind[small]), full)
    return SmallPositions(understates, kind)


def _kinds(
    rng: np.random.Generator,
    enterprises: Enterprises,
    networks: Networks,
    employment: Employment,
    understates: Booleans,
) -> Integers:
    """By employment; an enterprise's staff who are left when it goes bankrupt have one kind."""
    at, bankrupt = employment.enterprise, enterprises.bankrupt_on[employment.enterprise]
    last = (bankrupt < END) & (employment.end >= bankrupt - 60) & (employment.start < bankrupt)
    of_chain = np.isin(at, networks.step_enterprise) & ~employment.is_fictitious
    bad = of_chain & understates[np.maximum(enterprises.network[at], 0)]
    bad &= rng.random(len(employment)) < CREW_UNDERSTATED
    drawn = rng.random(len(enterprises))
    bounds = np.cumsum(LOOK_ALIKES)
    of_enterprise = np.array([ON_CALL, FEW_REDUCED, ALL_REDUCED, HONEST])[np.searchsorted(bounds, drawn)]
    alike = np.where(last & (enterprises.network[at] < 0), of_enterprise[at], HONEST)
    order = np.argsort(at, kind="stable")
    few = order[alike[order] == FEW_REDUCED]
    nth = np.arange(len(few)) - np.searchsorted(at[few], at[few], side="left")
    alike[few[nth >= 2]] = HONEST
    return np.where(bad, UNDERSTATED, alike)


def _claim(
    rng: np.random.Generator,
    claims: Claims,
    employment: Employment,
    small: tuple[Integers, Integers],
    full: Floats,
) -> None:
    """What whoever has such a job claims of that employer."""
    jobs, kind = small
    span = np.int64(1 << 32)
    keys = employment.enterprise[jobs] * span + employment.person[jobs]
    order = np.argsort(keys, kind="stable")
    wanted = claims.enterprise * span + claims.person
    place = np.minimum(np.searchsorted(keys[order], wanted), len(jobs) - 1)
    found = np.flatnonzero(keys[order][place] == wanted)
    job = order[place[found]]
    low, high = FULL_MONTHS[kind[job]].T
    months = low + rng.random(len(job)) * (high - low)
    claims.amount[found] = (full[job] * months).astype(np.int64)
