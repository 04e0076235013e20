"""How often enterprises change accountant or auditor: some networks every few months, lest anybody see the whole; others seldom.

Honest look-alikes: who changes now and then, the clients of an accounting firm that is merged into another, and an enterprise that is
bought by a group, which brings an accountant and an auditor of its own. Drawn last, from a random stream of its own.
"""

from dataclasses import dataclass, fields

import numpy as np

from akrim.synthetic.world.enterprises import Enterprises, accounting_firms
from akrim.synthetic.world.networks import SURE_STARTS, Networks
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.randomness import Booleans, Chance, Integers, Texts, expanded
from akrim.synthetic.world.roles import Roles
from akrim.synthetic.world.timeline import BEGIN, END

CHANGING_SHARE = 0.4
CHANGES_A_YEAR, FRONTS_CHANGES_A_YEAR = 0.1, 2.5
MERGED_SHARE, BOUGHT_SHARE, PERSON_SHARE = 0.3, 0.08, 0.3
KINDS = np.array(["ordinary", "merged_firm", "bought", "front"], dtype=object)
ORDINARY, MERGED_FIRM, BOUGHT, FRONT = range(4)

# Of each change: the role that ends (its place among those held), the day, why, and which firm follows (-1: any).
Drawn = tuple[Integers, Integers, Integers, Integers]


@dataclass
class AccountantChanges:
    """Which networks change accountants all the time; and each change: the new role's position, and why."""

    often: Booleans
    role: Integers
    kind: Integers

    def kinds(self, changes: Integers) -> Texts:
        told: Texts = KINDS[self.kind[changes]]
        return told


def change_accountants(
    chance: Chance, cast: Cast, enterprises: Enterprises, networks: Networks, roles: Roles
) -> AccountantChanges:
    """End roles of accountants and auditors where another follows, in place, and add the others' at the end."""
    rng = chance.stream("accountants")
    often = rng.random(len(networks.start)) < CHANGING_SHARE
    often[: len(SURE_STARTS)] = True
    firms = accounting_firms(enterprises)
    held = np.flatnonzero(np.isin(roles.code, ["REGN", "REVI"]))
    at = roles.enterprise[held]
    ends = np.minimum(np.minimum(roles.until[held], enterprises.closed_on[at]), END)
    is_front = np.isin(at, networks.step_enterprise) & often[np.maximum(enterprises.network[at], 0)]
    parts = [
        _now_and_then(rng, roles.since[held], ends, is_front),
        _merged(rng, roles.holder[held], firms),
        _bought(rng, enterprises, at),
    ]
    nth, day, kind, firm = (np.concatenate(part) for part in zip(*parts, strict=True))
    possible = (day > roles.since[held][nth]) & (day < ends[nth])
    order = np.lexsort((day[possible], nth[possible]))
    nth, day, kind, firm = (part[possible][order] for part in (nth, day, kind, firm))
    kept = (kind != MERGED_FIRM) | (np.diff(nth, prepend=-1) != 0)
    nth, day, kind, firm = (part[kept] for part in (nth, day, kind, firm))
    by_person = (firm < 0) & (rng.random(len(nth)) < PERSON_SHARE)
    firm = np.where(firm < 0, firms[rng.integers(0, len(firms), len(nth))], firm)
    added = _follow(rng, cast, roles, held[nth], (day, np.where(by_person, -1, firm)))
    return AccountantChanges(often, added, kind)


def _now_and_then(rng: np.random.Generator, since: Integers, ends: Integers, is_front: Booleans) -> Drawn:
    """Honest enterprises differ in how often: most never change."""
    a_year = np.where(is_front, FRONTS_CHANGES_A_YEAR, rng.exponential(CHANGES_A_YEAR, len(since)))
    years = np.maximum(ends - since, 0) / 365.25
    nth, _ = expanded(rng.poisson(a_year * years))
    day = since[nth] + (rng.random(len(nth)) * (ends - since)[nth]).astype(np.int64)
    return nth, day, np.where(is_front[nth], FRONT, ORDINARY), np.full(len(nth), -1)


def _merged(rng: np.random.Generator, holder: Integers, firms: Integers) -> Drawn:
    """All the clients of a merged firm go to the other on one day."""
    merged = rng.random(len(firms)) < MERGED_SHARE
    on, other = rng.integers(BEGIN, END, len(firms)), np.roll(firms, 1)
    place = np.minimum(np.searchsorted(firms, holder), len(firms) - 1)
    nth = np.flatnonzero((firms[place] == holder) & merged[place])
    return nth, on[place[nth]], np.full(len(nth), MERGED_FIRM), other[place[nth]]


def _bought(rng: np.random.Generator, enterprises: Enterprises, at: Integers) -> Drawn:
    """Accountant and auditor go on the same day."""
    is_bought = (rng.random(len(enterprises)) < BOUGHT_SHARE) & (enterprises.network < 0)
    on = rng.integers(BEGIN, END, len(enterprises))
    nth = np.flatnonzero(is_bought[at])
    return nth, on[at[nth]], np.full(len(nth), BOUGHT), np.full(len(nth), -1)


def _follow(
    rng: np.random.Generator, cast: Cast, roles: Roles, before: Integers, drawn: tuple[Integers, Integers]
) -> Integers:
    """Each role until the next one of the same seat; the positions of those that are added."""
    day, firm = drawn
    is_first, is_last = np.diff(before, prepend=-1) != 0, np.diff(before, append=-1) != 0
    until = np.where(is_last, roles.until[before], np.roll(day, -1))
    roles.until[before[is_first]] = day[is_first]
    pick = rng.random(len(before))
    persons = [who[(pick * len(who)).astype(np.int64)] for who in (cast.auditors, cast.accountants)]
    person = np.where(firm < 0, np.where(roles.code[before] == "REVI", *persons), -1)
    more = Roles(roles.enterprise[before], roles.code[before], person, firm, day, until)
    added = len(roles) + np.arange(len(more))
    for one in fields(Roles):
        setattr(roles, one.name, np.concatenate([getattr(roles, one.name), getattr(more, one.name)]))
    return added
