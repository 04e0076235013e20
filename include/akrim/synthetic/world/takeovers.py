"""Bankrupt businesses honestly carried on, which resemble phoenixes but are not: bought of the estate, or taken over by staff.

What an honest buyer carries on is at the same address, in the same industry and with the staff, but begins after the bankruptcy
and has another leader. Staff begin a business of their own in the same industry with some of their colleagues, at another
address where they do so while the old one is failing. Drawn last, from a random stream of its own: nothing else moves by it.
"""

from dataclasses import dataclass, fields

import numpy as np

from akrim.synthetic.world.employment import Employment
from akrim.synthetic.world.enterprises import AS, Enterprises
from akrim.synthetic.world.family import FamilyHandovers
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Booleans, Chance, Integers, expanded
from akrim.synthetic.world.roles import LEADING, Roles
from akrim.synthetic.world.timeline import END
from akrim.synthetic.world.vocabulary import table

CARRIED_ON_SHARE = 0.7
FEWEST_STAFF = 2
DAYS_BEFORE, DAYS_AFTER = 150, 330
LAST_STAFF_DAYS = 60


@dataclass
class Takeovers:
    """Aligned by takeover: the bankrupt enterprise, what carries it on, who leads that, and whether he worked in the first."""

    bankrupt: Integers
    enterprise: Integers
    leader: Integers
    is_by_staff: Booleans


def take_over(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    work: tuple[Roles, Employment],
    family: FamilyHandovers,
) -> Takeovers:
    """Make ordinary enterprises, in place, into what carries ordinary bankrupt ones on; their staff come over."""
    rng = chance.stream("takeovers")
    roles, jobs = work
    staff, first = _last_staff(people, enterprises, jobs)
    bankrupt, successor = _pairs(rng, people[2], enterprises, first[1:] - first[:-1], family)
    is_by_staff = enterprises.founded[successor] < enterprises.bankrupt_on[bankrupt]
    is_by_staff |= rng.random(len(bankrupt)) < 0.4
    head = jobs.person[staff[first[bankrupt]]]
    leader = np.where(is_by_staff, head, enterprises.owner[successor])
    _install(enterprises, roles, (bankrupt, successor, leader))
    takeovers = Takeovers(bankrupt, successor, leader, is_by_staff)
    _bring_staff(rng, enterprises, jobs, takeovers, (staff, first))
    return takeovers


def _last_staff(
    people: tuple[Persons, Identities, Cast], enterprises: Enterprises, jobs: Employment
) -> tuple[Integers, Integers]:
    """Jobs held at a bankruptcy, by enterprise and person, and where each enterprise's begin."""
    _, identities, cast = people
    left = enterprises.bankrupt_on[jobs.enterprise]
    held = (left < END) & (jobs.start < left - LAST_STAFF_DAYS) & (jobs.end >= left - LAST_STAFF_DAYS)
    held &= (cast.kind[jobs.person] == "ordinary") & (identities.protection[jobs.person] == 0)
    rows = np.flatnonzero(held & ~jobs.is_fictitious)
    keys = jobs.enterprise[rows] * np.int64(1 << 32) + jobs.person[rows]
    _, once = np.unique(keys, return_index=True)
    rows = rows[once]
    return rows, np.searchsorted(jobs.enterprise[rows], np.arange(len(enterprises) + 1))


def _pairs(
    rng: np.random.Generator, cast: Cast, enterprises: Enterprises, staff: Integers, family: FamilyHandovers
) -> tuple[Integers, Integers]:
    """A bankrupt company with staff, and one that is founded about then by somebody else; each once."""
    ordinary = (
        (enterprises.network < 0) & (enterprises.form == AS) & (cast.kind[enterprises.owner] == "ordinary")
    )
    ordinary[family.enterprise] = False
    bankrupt = np.flatnonzero(ordinary & (enterprises.bankrupt_on < END) & (staff >= FEWEST_STAFF))
    bankrupt = bankrupt[rng.random(len(bankrupt)) < CARRIED_ON_SHARE]
    founded = np.flatnonzero(ordinary)
    founded = founded[np.argsort(enterprises.founded[founded], kind="stable")]
    days = enterprises.bankrupt_on[bankrupt] + rng.integers(-DAYS_BEFORE, DAYS_AFTER - 30, len(bankrupt))
    place = np.searchsorted(enterprises.founded[founded], days)
    found = place < len(founded)
    bankrupt, successor = bankrupt[found], founded[place[found]]
    after = enterprises.founded[successor] - enterprises.bankrupt_on[bankrupt]
    fit = (after > -DAYS_BEFORE) & (after < DAYS_AFTER) & (after != 0)
    fit &= (enterprises.owner[successor] != enterprises.owner[bankrupt]) & ~np.isin(successor, bankrupt)
    bankrupt, successor = bankrupt[fit], successor[fit]
    _, once = np.unique(successor, return_index=True)
    return bankrupt[once], successor[once]


def _install(enterprises: Enterprises, roles: Roles, takeover: tuple[Integers, Integers, Integers]) -> None:
    """Same industry; same address but for what began before; whoever leads it in every seat of the old owner."""
    bankrupt, successor, leader = takeover
    word = table("industries")["word"]
    for old, new in zip(bankrupt, successor, strict=True):
        own, taken = word[enterprises.industry[new]], word[enterprises.industry[old]]
        enterprises.name[new] = enterprises.name[new].replace(own, taken)
    enterprises.industry[successor] = enterprises.industry[bankrupt]
    after = enterprises.founded[successor] > enterprises.bankrupt_on[bankrupt]
    enterprises.chain[successor[after]] = enterprises.chain[bankrupt[after]]
    leads = np.full(len(enterprises), -1)
    leads[successor] = leader
    seats = (leads[roles.enterprise] >= 0) & np.isin(roles.code, LEADING)
    seats &= roles.person == enterprises.owner[roles.enterprise]
    roles.person[seats] = leads[roles.enterprise[seats]]
    enterprises.owner[successor] = leader


def _bring_staff(
    rng: np.random.Generator,
    enterprises: Enterprises,
    jobs: Employment,
    takeovers: Takeovers,
    last: tuple[Integers, Integers],
) -> None:
    """Most of the last staff, at least two, get the same job in what carries the business on."""
    staff, first = last
    takeover, nth = expanded((first[1:] - first[:-1])[takeovers.bankrupt])
    job = staff[first[takeovers.bankrupt[takeover]] + nth]
    comes = (nth <= 2) | (rng.random(len(job)) < 0.6)
    comes &= ~(takeovers.is_by_staff[takeover] & (nth == 0))
    takeover, job = takeover[comes], job[comes]
    enterprise = takeovers.enterprise[takeover]
    start = enterprises.founded[enterprise] + rng.integers(3, 50, len(job))
    more = Employment(
        jobs.person[job], enterprise, start, enterprises.closed_on[enterprise], jobs.percentage[job],
        jobs.pay[job], np.zeros(len(job), dtype=bool),
    )  # fmt: skip
    kept = start < np.minimum(more.end, END)
    for one in fields(Employment):
        added = getattr(more, one.name)[kept]
        setattr(jobs, one.name, np.concatenate([getattr(jobs, one.name), added]))
