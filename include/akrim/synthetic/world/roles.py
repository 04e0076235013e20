"""Roles over time: who leads, sits on the board, keeps the accounts and audits, from when to when.

One row is one role with its history; a person holds it (`person` >= 0) or an enterprise does (`holder` >= 0).
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.aligned import taken, together
from akrim.synthetic.world.enterprises import ANS, AS, ASA, DA, ENK, NUF, SA, Enterprises, accounting_firms
from akrim.synthetic.world.family import FamilyHandovers
from akrim.synthetic.world.networks import Networks
from akrim.synthetic.world.people.cast import Cast, eligible_owners
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Chance, Integers, Texts, same_text, weighted
from akrim.synthetic.world.timeline import END, NEVER

LEADING = ("DAGL", "LEDE", "INNH", "DTPR", "DTSO")
FAMILY_SEATS = ("LEDE", "DAGL")


@dataclass
class Roles:
    enterprise: Integers
    code: Texts
    person: Integers
    holder: Integers
    since: Integers
    until: Integers

    def __len__(self) -> int:
        return len(self.enterprise)


def _roles(enterprise: Integers, code: str, person: Integers, since: Integers, until: Integers) -> Roles:
    return Roles(
        enterprise, same_text(code, len(enterprise)), person, np.full(len(enterprise), -1), since, until
    )


def generate_roles(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
    family: FamilyHandovers,
) -> Roles:
    """Every enterprise's roles; the order is that of their first days, so ids can follow it."""
    parts = [
        *_without_family(_ordinary_seats(chance.stream("seats"), people, enterprises), family),
        *_family_seats(enterprises, family),
        *_network_seats(chance.stream("network seats"), people, enterprises, networks),
        *_professionals(chance.stream("professionals"), people[2], enterprises),
    ]
    roles = together(parts)
    roles.until = np.minimum(roles.until, np.where(roles.until < NEVER, END, NEVER))
    order = np.lexsort((np.arange(len(roles)), roles.since))
    kept = order[(roles.until > roles.since)[order] & (roles.since[order] <= END)]
    return taken(roles, kept)


def _without_family(seats: list[Roles], family: FamilyHandovers) -> list[Roles]:
    """The seats but for those that a family keeps."""
    return [
        taken(seat, ~(np.isin(seat.enterprise, family.enterprise) & np.isin(seat.code, FAMILY_SEATS)))
        for seat in seats
    ]


def _family_seats(enterprises: Enterprises, family: FamilyHandovers) -> list[Roles]:
    at, since = family.enterprise, enterprises.founded[family.enterprise]
    return [
        seat
        for code in FAMILY_SEATS
        for seat in (
            _roles(at, code, family.giver, since, family.on),
            _roles(at, code, family.heir, family.on, enterprises.deleted_on[at]),
        )
    ]


def _ordinary_seats(
    rng: np.random.Generator, people: tuple[Persons, Identities, Cast], enterprises: Enterprises
) -> list[Roles]:
    persons, identities, cast = people
    ordinary = enterprises.network < 0
    form, owner, founded = enterprises.form, enterprises.owner, enterprises.founded
    sole = np.flatnonzero(form == ENK)
    shared = np.flatnonzero(ordinary & np.isin(form, [ANS, DA]))
    company = np.flatnonzero(ordinary & np.isin(form, [AS, ASA, NUF, SA]))
    partner = eligible_owners(rng, persons, identities, founded[shared])
    seats = [
        _roles(sole, "INNH", owner[sole], founded[sole], enterprises.deleted_on[sole]),
        _roles(shared, "DTSO", owner[shared], founded[shared], enterprises.deleted_on[shared]),
        _roles(shared, "DTPR", partner, founded[shared], enterprises.deleted_on[shared]),
    ]
    for code, share, by_owner in (("LEDE", 1.0, 0.85), ("DAGL", 0.9, 0.7)):
        seats += _succession(
            rng, people, enterprises, company[rng.random(len(company)) < share], (code, by_owner)
        )
    for code, share in (("MEDL", 0.35), ("VARA", 0.18), ("NEST", 0.04)):
        seats += _succession(rng, people, enterprises, company[rng.random(len(company)) < share], (code, 0.0))
    return seats + _shelf_companies(rng, cast, enterprises, company)


def _succession(
    rng: np.random.Generator,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    at: Integers,
    seat: tuple[str, float],
) -> list[Roles]:
    """A seat held by the owner or another person, who is followed by somebody else in one case of four."""
    persons, identities, _ = people
    code, by_owner = seat
    since = enterprises.founded[at]
    changed = since + rng.integers(300, 9000, len(at))
    end = enterprises.deleted_on[at]
    first = np.where(
        rng.random(len(at)) < by_owner,
        enterprises.owner[at],
        eligible_owners(rng, persons, identities, since),
    )
    follows = (changed < np.minimum(end, enterprises.closed_on[at])) & (rng.random(len(at)) < 0.45)
    second = eligible_owners(rng, persons, identities, changed)
    return [
        _roles(at, code, first, since, np.where(follows, changed, end)),
        _roles(at[follows], code, second[follows], changed[follows], end[follows]),
    ]


def _shelf_companies(
    rng: np.random.Generator, cast: Cast, enterprises: Enterprises, company: Integers
) -> list[Roles]:
    """Registration agents sit on the board for the first weeks and then hand over: lawful, and not straw men."""
    shelf = company[rng.random(len(company)) < 0.04]
    agents = cast.registration_agents
    since = enterprises.founded[shelf] - rng.integers(30, 60, len(shelf))
    who = agents[rng.integers(0, len(agents), len(shelf))]
    return [_roles(shelf, "LEDE", who, since, enterprises.founded[shelf])]


def _network_seats(
    rng: np.random.Generator,
    people: tuple[Persons, Identities, Cast],
    enterprises: Enterprises,
    networks: Networks,
) -> list[Roles]:
    """The leader leads until he hands over; a member manages or sits on the board beside him."""
    _, _, cast = people
    at, network = networks.step_enterprise, networks.step_network
    since, end = enterprises.founded[at], enterprises.deleted_on[at]
    member = _member_of(rng, cast, network)
    straw_step = networks.uses_straw_man[network] & ~networks.is_last()
    last_handover = straw_step & np.append(networks.is_last()[1:], False)
    by_straw = networks.uses_straw_man[network] & networks.is_last()
    leader_until = np.where(last_handover, networks.handover_on, end)
    led = ~by_straw
    manager = np.where(
        by_straw, cast.straw_men[network], np.where(rng.random(len(at)) < 0.5, cast.leaders[network], member)
    )
    given = last_handover
    straw = cast.straw_men[network]
    side = networks.side_enterprise
    side_member = _member_of(rng, cast, networks.side_network)
    return [
        _roles(at[led], "LEDE", cast.leaders[network][led], since[led], leader_until[led]),
        _roles(at[by_straw], "LEDE", straw[by_straw], since[by_straw], end[by_straw]),
        _roles(at, "DAGL", manager, since, np.where(last_handover, networks.handover_on, end)),
        _roles(at[given], "LEDE", straw[given], networks.handover_on[given], end[given]),
        _roles(at[given], "DAGL", straw[given], networks.handover_on[given], end[given]),
        _roles(at, "MEDL", member, since, end),
        _roles(side, "LEDE", side_member, enterprises.founded[side], enterprises.deleted_on[side]),
        _roles(side, "DAGL", side_member, enterprises.founded[side], enterprises.deleted_on[side]),
    ]


def _member_of(rng: np.random.Generator, cast: Cast, network: Integers) -> Integers:
    starts = np.searchsorted(cast.member_network, network, side="left")
    ends = np.searchsorted(cast.member_network, network, side="right")
    return cast.members[starts + (rng.random(len(network)) * (ends - starts)).astype(np.int64)]


def _professionals(rng: np.random.Generator, cast: Cast, enterprises: Enterprises) -> list[Roles]:
    """Accountants (persons, or their firms), auditors, and the lawyer who winds up a bankrupt estate."""
    company = np.flatnonzero(np.isin(enterprises.form, [AS, ASA, NUF, SA]))
    kept = company[rng.random(len(company)) < 0.55]
    since = enterprises.founded[kept] + rng.integers(0, 60, len(kept))
    end = enterprises.deleted_on[kept]
    firms = accounting_firms(enterprises)
    accountant = weighted(rng, 1 / (np.arange(len(cast.accountants)) + 3.0), len(kept))
    by_firm = rng.random(len(kept)) < 0.5
    regn = _roles(kept, "REGN", np.where(by_firm, -1, cast.accountants[accountant]), since, end)
    regn.holder = np.where(by_firm, firms[rng.integers(0, len(firms), len(kept))], -1)
    audited = company[rng.random(len(company)) < 0.25]
    auditor = cast.auditors[rng.integers(0, len(cast.auditors), len(audited))]
    estate = np.flatnonzero(enterprises.bankrupt_on < END)
    lawyer = cast.estate_lawyers[rng.integers(0, len(cast.estate_lawyers), len(estate))]
    bankrupt, deleted = enterprises.bankrupt_on[estate], enterprises.deleted_on[estate]
    return [
        regn,
        _roles(audited, "REVI", auditor, enterprises.founded[audited] + 30, enterprises.deleted_on[audited]),
        _roles(estate, "BOBE", lawyer, bankrupt, deleted),
    ]
