"""Benefits: cases of overpayment, among them work on the side and jobs on paper only, and the wage guarantee's claims."""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.aligned import taken, together
from akrim.synthetic.world.employment import Employment
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Chance, Integers, weighted
from akrim.synthetic.world.timeline import BEGIN, END, NEVER, day

FIRST = day(2012)
CASES_PER_PERSON = 0.085
BENEFITS = np.array(["DAG", "AAP", "SP", "UFO", "FP", "OKS"], dtype=object)
CAUSES = np.array(["arbeid_ved_siden_av", "fiktivt_arbeidsforhold", "annet"], dtype=object)
BESIDE_WORK, ON_PAPER, OTHER = range(3)


@dataclass
class Cases:
    """By the day on which NAV took them up; `employer` is -1 where none is named."""

    person: Integers
    known_on: Integers
    benefit: Integers
    overpaid: Integers
    since: Integers
    until: Integers
    cause: Integers
    employer: Integers
    changed_on: Integers
    reported_on: Integers


@dataclass
class Claims:
    person: Integers
    enterprise: Integers
    amount: Integers
    on: Integers


@dataclass
class Welfare:
    cases: Cases
    claims: Claims


def pay_benefits(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
    employment: Employment,
) -> Welfare:
    rng = chance.stream("welfare")
    parts = [
        _ordinary_cases(rng, people, employment),
        _cases_of_crews(rng, people, enterprises, networks),
        _cases_on_paper(rng, employment),
        _cases_of_leaders(chance, people[2], enterprises, networks),
    ]
    cases = together(parts)
    kept = np.flatnonzero((cases.known_on < END) & (cases.since >= people[0].entered[cases.person]))
    kept = kept[np.argsort(cases.known_on[kept], kind="stable")]
    return Welfare(taken(cases, kept), _claims(rng, enterprises, employment))


def _cases(
    rng: np.random.Generator, person: Integers, since: Integers, cause: Integers, employer: Integers
) -> Cases:
    total = len(person)
    known = since + rng.integers(60, 500, total)
    until = np.where(rng.random(total) < 0.85, since + rng.integers(40, 900, total), NEVER)
    overpaid = np.where(
        (cause != OTHER) | (rng.random(total) < 0.4), rng.lognormal(10.9, 0.8, total).astype(np.int64), -1
    )
    changed = np.where(rng.random(total) < 0.55, known + rng.integers(20, 300, total), NEVER)
    share = np.where(cause == ON_PAPER, 0.5, np.where(cause == BESIDE_WORK, 0.14, 0.03))
    reported = np.where(rng.random(total) < share, known + rng.integers(30, 400, total), NEVER)
    benefit = weighted(rng, [38, 22, 16, 8, 11, 5], total)
    return Cases(person, known, benefit, overpaid, since, until, cause, employer, changed, reported)


def _ordinary_cases(
    rng: np.random.Generator, people: tuple[Persons, Identities, Cast], employment: Employment
) -> Cases:
    persons, identities, _ = people
    total = int(len(persons) * CASES_PER_PERSON)
    pool = np.flatnonzero(~identities.is_unregistered)
    person = pool[rng.integers(0, len(pool), total)]
    cause = weighted(rng, [24, 1, 75], total)
    since = rng.integers(FIRST, END, total)
    job = rng.integers(0, len(employment), total)
    working = (cause != OTHER) & (rng.random(total) < 0.7)
    person = np.where(working, employment.person[job], person)
    length = np.minimum(employment.end[job], END) - employment.start[job]
    since = np.where(working, employment.start[job] + (rng.random(total) * length).astype(np.int64), since)
    employer = np.where(working, employment.enterprise[job], -1)
    return _cases(rng, person, np.maximum(since, BEGIN), cause, employer)


def _cases_of_crews(
    rng: np.random.Generator,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
) -> Cases:
    """One crew member in eight draws a benefit while working for the network."""
    chosen = np.flatnonzero(rng.random(len(networks.crew)) < 0.13)
    chosen = chosen[~people[1].is_unregistered[networks.crew[chosen]]]
    first_step = np.searchsorted(networks.step_network, networks.crew_network[chosen])
    step = first_step + rng.integers(0, 2, len(chosen))
    employer = networks.step_enterprise[step]
    since = enterprises.founded[employer] + rng.integers(60, 350, len(chosen))
    return _cases(rng, networks.crew[chosen], since, np.full(len(chosen), BESIDE_WORK), employer)


def _cases_of_leaders(chance: Chance, cast: Cast, enterprises: Enterprises, networks: Networks) -> Cases:
    """At one of a network's enterprises in four, its leader draws a benefit while leading it; none is reported."""
    rng = chance.stream("benefits of leaders")
    step = np.flatnonzero(rng.random(len(networks.step_enterprise)) < 0.25)
    person = cast.leaders[networks.step_network[step]]
    since = enterprises.founded[networks.step_enterprise[step]] + rng.integers(60, 200, len(step))
    cases = _cases(rng, person, since, np.full(len(step), BESIDE_WORK), np.full(len(step), -1))
    cases.reported_on[:] = NEVER
    return cases


def _cases_on_paper(rng: np.random.Generator, employment: Employment) -> Cases:
    """Most of the jobs on paper end in a claim; about two in three of those are found out."""
    jobs = np.flatnonzero(employment.is_fictitious & (rng.random(len(employment)) < 0.65))
    since = np.minimum(employment.end[jobs], END) - rng.integers(0, 40, len(jobs))
    cases = _cases(
        rng, employment.person[jobs], since, np.full(len(jobs), ON_PAPER), employment.enterprise[jobs]
    )
    cases.benefit = weighted(rng, [40, 0.01, 35, 0.01, 25], len(jobs))
    return cases


def _claims(rng: np.random.Generator, enterprises: Enterprises, employment: Employment) -> Claims:
    """Employees of a bankrupt enterprise claim their last wages; those of networks nearly always."""
    bankrupt = enterprises.bankrupt_on[employment.enterprise]
    share = np.where(enterprises.network[employment.enterprise] >= 0, 0.7, 0.45)
    owed = (bankrupt < END) & (employment.end >= bankrupt - 60) & (employment.start < bankrupt)
    job = np.flatnonzero(owed & (rng.random(len(employment)) < share))
    on = bankrupt[job] + rng.integers(10, 150, len(job))
    amount = (employment.pay[job] * rng.uniform(0.5, 4.0, len(job))).astype(np.int64)
    order = np.argsort(on, kind="stable")
    return Claims(employment.person[job][order], employment.enterprise[job][order], amount[order], on[order])
