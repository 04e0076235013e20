"""The tax administration's controls, arrears, and who buys from whom.

Networks are controlled more, found out with fictitious invoices and reported to the police; ordinary taxpayers have
controls that find little, and small arrears that are paid.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.aligned import taken, together
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Booleans, Chance, Integers, expanded, weighted
from akrim.synthetic.world.roles import LEADING, Roles
from akrim.synthetic.world.timeline import BEGIN, END, NEVER, day, years_of

FIRST = day(2012)
CONTROLS_PER_PERSON = 0.03
ARREARS_PER_PERSON = 0.22
RELATIONS_PER_ENTERPRISE = 6.5
CONTROL_TYPES = np.array(["avdekking", "bokettersyn", "oppgave"], dtype=object)


@dataclass
class Controls:
    """By day; `enterprise` or `person` is -1, amounts are -1 where nothing was reassessed."""

    enterprise: Integers
    person: Integers
    type: Integers
    on: Integers
    vat: Integers
    tax: Integers
    penalty: Integers
    is_fictitious_invoice: Booleans
    reported_on: Integers


@dataclass
class Arrears:
    """From the day they are due until they are paid or written off; they grow a little every month."""

    enterprise: Integers
    person: Integers
    since: Integers
    until: Integers
    amount: Integers
    is_seized: Booleans


@dataclass
class Trade:
    """One row per buyer, supplier and year."""

    buyer: Integers
    supplier: Integers
    year: Integers
    amount: Integers


@dataclass
class Taxation:
    controls: Controls
    arrears: Arrears
    trade: Trade


def assess_taxes(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
    roles: Roles,
) -> Taxation:
    rng = chance.stream("taxation")
    return Taxation(
        _controls(rng, people, enterprises, networks, roles),
        _arrears(rng, people, enterprises),
        _trade(chance.stream("trade"), enterprises, networks),
    )


def _registered(rng: np.random.Generator, identities: Identities, size: int) -> Integers:
    pool = np.flatnonzero(~identities.is_unregistered)
    return pool[rng.integers(0, len(pool), size)]


def _controls(
    rng: np.random.Generator,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
    roles: Roles,
) -> Controls:
    persons, identities, cast = people
    ordinary = int(len(persons) * CONTROLS_PER_PERSON * (END - FIRST) / (day(2026) - FIRST))
    of_enterprise = rng.random(ordinary) < 0.55
    leaders = roles.person[np.isin(roles.code, LEADING)]
    person = np.where(
        rng.random(ordinary) < 0.4,
        leaders[rng.integers(0, len(leaders), ordinary)],
        _registered(rng, identities, ordinary),
    )
    enterprise = weighted(rng, enterprises.risk + 2, ordinary)
    visits, _ = expanded(rng.integers(0, 3, len(networks.step_enterprise)))
    chains = networks.step_enterprise[visits]
    solo, _ = expanded(rng.integers(1, 4, len(cast.solo_actors)))
    bad = len(chains) + len(solo)
    enterprise = np.concatenate([np.where(of_enterprise, enterprise, -1), chains, np.full(len(solo), -1)])
    person = np.concatenate(
        [np.where(of_enterprise, -1, person), np.full(len(chains), -1), cast.solo_actors[solo]]
    )
    during = enterprises.founded[chains] + rng.integers(150, 900, len(chains))
    on = np.concatenate(
        [rng.integers(FIRST, END, ordinary), during, rng.integers(FIRST, day(2029), len(solo))]
    )
    is_bad = np.arange(ordinary + bad) >= ordinary
    invoices = np.zeros(len(on), dtype=bool)
    invoices[ordinary : ordinary + len(chains)] = networks.uses_fictitious_invoices[
        networks.step_network[visits]
    ]
    invoices &= rng.random(len(on)) < 0.6
    invoices |= rng.random(len(on)) < 0.002
    known = (enterprise < 0) | (enterprises.founded[enterprise] < on)
    known &= (person < 0) | (persons.entered[person] < on)
    return _found(rng, (enterprise, person, on), is_bad, invoices, np.flatnonzero(known & (on < END)))


def _found(
    rng: np.random.Generator,
    target: tuple[Integers, Integers, Integers],
    is_bad: Booleans,
    invoices: Booleans,
    kept: Integers,
) -> Controls:
    """What the controls found, in order of day."""
    order = kept[np.argsort(target[2][kept], kind="stable")]
    enterprise, person, on = (column[order] for column in target)
    is_bad, invoices, total = is_bad[order], invoices[order], len(order)
    share = np.where(is_bad, 0.75, 0.3)
    amounts = [
        np.where(
            rng.random(total) < share * part,
            (rng.lognormal(np.where(is_bad, 12.9, 11.2), 0.9)).astype(np.int64),
            -1,
        )
        for part in (1.0, 0.8, 0.6)
    ]
    reported = rng.random(total) < np.where(is_bad, 0.5, 0.025)
    reported_on = np.where(reported, on + rng.integers(40, 330, total), NEVER)
    return Controls(
        enterprise, person, weighted(rng, [50, 35, 15], total), on, *amounts, invoices, reported_on
    )


def _arrears(
    rng: np.random.Generator, people: tuple[Persons, Identities, Cast], enterprises: Enterprises
) -> Arrears:
    persons, identities, cast = people
    ordinary = int(len(persons) * ARREARS_PER_PERSON)
    bankrupt = np.flatnonzero(enterprises.bankrupt_on < END)
    bankrupt = bankrupt[rng.random(len(bankrupt)) < np.where(enterprises.network[bankrupt] >= 0, 0.95, 0.5)]
    actors = np.concatenate([cast.leaders, cast.solo_actors])
    actors = actors[rng.random(len(actors)) < 0.7]
    of_enterprise = rng.random(ordinary) < 0.35
    firm = rng.integers(0, len(enterprises), ordinary)
    since = np.concatenate([
        rng.integers(BEGIN, END, ordinary),
        enterprises.bankrupt_on[bankrupt] - rng.integers(90, 330, len(bankrupt)),
        rng.integers(day(2015), day(2028), len(actors)),
    ])  # fmt: skip
    enterprise = np.concatenate([np.where(of_enterprise, firm, -1), bankrupt, np.full(len(actors), -1)])
    who = _registered(rng, identities, ordinary)
    person = np.concatenate([np.where(of_enterprise, -1, who), np.full(len(bankrupt), -1), actors])
    large = np.arange(len(since)) >= ordinary
    until = since + (rng.exponential(np.where(large, 1500, 620))).astype(np.int64) + 40
    amount = rng.lognormal(np.where(large, 13.2, 10.9), 1.0).astype(np.int64)
    possible = (enterprise < 0) | (enterprises.founded[enterprise] < since)
    possible &= (enterprise < 0) | large | (enterprises.closed_on[enterprise] > since)
    possible &= (person < 0) | (persons.entered[person] < since)
    order = np.flatnonzero(possible & (since < END))
    order = order[np.argsort(since[order], kind="stable")]
    seized = rng.random(len(since)) < np.where(large, 0.45, 0.2)
    return Arrears(*(column[order] for column in (enterprise, person, since, until, amount, seized)))


def _trade(rng: np.random.Generator, enterprises: Enterprises, networks: Networks) -> Trade:
    trade = together(
        [
            _ordinary_trade(rng, enterprises),
            _invoices_of_networks(rng, enterprises, networks),
            _work_of_sole_proprietors(rng, enterprises, networks),
        ]
    )
    first_year, last_year = years_of(enterprises.founded), years_of(np.minimum(enterprises.closed_on, END))
    kept = trade.buyer != trade.supplier
    for side in (trade.buyer, trade.supplier):
        kept &= (first_year[side] <= trade.year) & (trade.year <= last_year[side])
    order = np.flatnonzero(kept)
    order = order[np.lexsort((trade.supplier[order], trade.buyer[order], trade.year[order]))]
    ordered = taken(trade, order)
    again = np.zeros(len(order), dtype=bool)
    again[1:] = (
        (np.diff(ordered.buyer) == 0) & (np.diff(ordered.supplier) == 0) & (np.diff(ordered.year) == 0)
    )
    return taken(ordered, ~again)


def _ordinary_trade(rng: np.random.Generator, enterprises: Enterprises) -> Trade:
    relations = int(len(enterprises) * RELATIONS_PER_ENTERPRISE)
    trading = np.flatnonzero(enterprises.network < 0)
    buyer, supplier = trading[rng.integers(0, len(trading), (2, relations))]
    relation, nth = expanded(rng.integers(1, 6, relations))
    year = rng.integers(2010, 2033, relations)[relation] + nth
    amount = rng.lognormal(11.2, 1.1, len(relation)).astype(np.int64)
    return Trade(buyer[relation], supplier[relation], year, amount)


def _invoices_of_networks(rng: np.random.Generator, enterprises: Enterprises, networks: Networks) -> Trade:
    """Large sums from a few outsiders to a network's enterprise for work that nobody did, and on to its side firms."""
    steps = np.flatnonzero(networks.uses_fictitious_invoices[networks.step_network])
    relation, nth = expanded(rng.integers(2, 7, len(steps)))
    supplier = networks.step_enterprise[steps[relation]]
    outside = np.flatnonzero(enterprises.network < 0)
    buyer = outside[rng.integers(0, len(outside), len(relation))]
    year = years_of(enterprises.founded[supplier]) + nth % 2
    return Trade(buyer, supplier, year, rng.lognormal(13.6, 0.6, len(relation)).astype(np.int64))


def _work_of_sole_proprietors(
    rng: np.random.Generator, enterprises: Enterprises, networks: Networks
) -> Trade:
    """Each invoices one principal only: the network's enterprise that runs at midsummer."""
    span = 1 << 20
    relation, nth = expanded(np.full(len(networks.sole_enterprise), 4))
    supplier = networks.sole_enterprise[relation]
    year = years_of(enterprises.founded[supplier]) + nth
    midsummer = ((year - 1970) * 365.25 + 180).astype(np.int64)
    keys = networks.step_network * span + enterprises.founded[networks.step_enterprise]
    step = np.searchsorted(keys, networks.sole_network[relation] * span + midsummer, side="right") - 1
    step = np.maximum(step, 0)
    same = networks.step_network[step] == networks.sole_network[relation]
    amount = rng.lognormal(12.9, 0.3, len(relation)).astype(np.int64)
    return taken(Trade(networks.step_enterprise[step], supplier, year, amount), same)
