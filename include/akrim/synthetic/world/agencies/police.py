"""Police cases: what agencies, private persons and the police themselves reported, who is suspected, how it ended.

An agency's report carries that agency's own reference. Most cases end without a conviction, as they do.
"""

from dataclasses import dataclass

import numpy as np

from akrim.synthetic.world.agencies.inspections import POLITIANMELDELSE, Inspections
from akrim.synthetic.world.agencies.taxation import Taxation
from akrim.synthetic.world.agencies.welfare import Welfare
from akrim.synthetic.world.aligned import taken, together
from akrim.synthetic.world.people.cast import Cast
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Chance, Integers, Texts, expanded, weighted
from akrim.synthetic.world.roles import LEADING, Roles
from akrim.synthetic.world.timeline import END, NEVER, day

FIRST = day(2012)
CASES_PER_PERSON = 0.045
CASES_OF_LEADERS, CASES_OF_MEMBERS = 8.0, 2.5
REPORTERS = np.array(
    ["arbeidstilsynet", "skatteetaten", "nav", "annen_etat", "privat", "politiet"], dtype=object
)
LABOUR, TAX, BENEFITS, OTHER_AGENCY, PRIVATE, POLICE = range(6)
OFFENCES = np.array(
    [
        "arbeidsmiljo", "skatt_avgift", "trygdebedrageri", "konkurskriminalitet", "hvitvasking",
        "menneskehandel", "dokumentfalsk", "annet",
    ],
    dtype=object,
)  # fmt: skip
ENVIRONMENT, TAXES, FRAUD, BANKRUPTCY, LAUNDERING, TRAFFICKING, FORGERY, OTHER = range(8)
OUTCOMES: Texts = np.array(
    [
        "dom", "forelegg", "tilstaelsesdom", "frifinnelse", "paataleunnlatelse", "konfliktraad", "henlagt_bevis",
        "henlagt_kapasitet", "henlagt_ukjent_gjerningsperson", "henlagt_annet", "overfort",
    ],
    dtype=object,
)  # fmt: skip
CONVICTIONS = (0, 2)
UNKNOWN_OFFENDER = 8
SUSPECTED, CHARGED, CONVICTED = range(3)


@dataclass
class PoliceCases:
    """By the day of the report; `reference` is the position of the agency's own row, or -1; then who is involved."""

    reported_on: Integers
    reporter: Integers
    reference: Integers
    offence: Integers
    enterprise: Integers
    outcome: Integers
    decided_on: Integers
    involved_case: Integers
    involved_person: Integers
    involved_since: Integers
    charged_on: Integers


@dataclass
class _Reports:
    on: Integers
    reporter: Integers
    reference: Integers
    offence: Integers
    enterprise: Integers
    person: Integers


def investigate(
    chance: Chance,
    people: tuple[Persons, Identities, Cast],
    roles: Roles,
    agencies: tuple[Inspections, Taxation, Welfare],
) -> PoliceCases:
    rng = chance.stream("police")
    inspections, taxation, welfare = agencies
    parts = [
        _from_inspections(inspections), _from_tax(rng, taxation), _from_benefits(welfare),
        _of_actors(rng, people[2]), _of_anybody(rng, people),
    ]  # fmt: skip
    reports = together(parts)
    reports.on = reports.on + np.where(reports.reference >= 0, rng.integers(0, 20, len(reports.on)), 0)
    kept = np.flatnonzero(reports.on < END)
    kept = kept[np.argsort(reports.on[kept], kind="stable")]
    reports = taken(reports, kept)
    leaders = _leaders_on(rng, roles, reports.enterprise, reports.on)
    person = np.where(reports.person >= 0, reports.person, leaders)
    return _proceed(rng, people, reports, person)


def _from_inspections(inspections: Inspections) -> _Reports:
    rows = np.flatnonzero(inspections.reaction_type == POLITIANMELDELSE)
    enterprise = inspections.enterprise[inspections.reaction_inspection[rows]]
    none = np.full(len(rows), -1)
    return _Reports(
        inspections.reaction_on[rows],
        np.full(len(rows), LABOUR),
        rows,
        np.full(len(rows), ENVIRONMENT),
        enterprise,
        none,
    )


def _from_tax(rng: np.random.Generator, taxation: Taxation) -> _Reports:
    controls = taxation.controls
    rows = np.flatnonzero(controls.reported_on < END)
    offence = np.array([TAXES, BANKRUPTCY, LAUNDERING, FORGERY])[weighted(rng, [75, 12, 7, 6], len(rows))]
    return _Reports(
        controls.reported_on[rows],
        np.full(len(rows), TAX),
        rows,
        offence,
        controls.enterprise[rows],
        controls.person[rows],
    )


def _from_benefits(welfare: Welfare) -> _Reports:
    cases = welfare.cases
    rows = np.flatnonzero(cases.reported_on < END)
    return _Reports(
        cases.reported_on[rows], np.full(len(rows), BENEFITS), rows, np.full(len(rows), FRAUD), cases.employer[rows],
        cases.person[rows],
    )  # fmt: skip


def _of_actors(rng: np.random.Generator, cast: Cast) -> _Reports:
    """Actors are known to the police from other offences too."""
    actors = np.concatenate([cast.leaders, cast.solo_actors, cast.members])
    often = np.arange(len(actors)) < len(cast.leaders) + len(cast.solo_actors)
    row, _ = expanded(rng.poisson(np.where(often, CASES_OF_LEADERS, CASES_OF_MEMBERS)))
    total = len(row)
    reporter = np.array([POLICE, OTHER_AGENCY, PRIVATE])[weighted(rng, [60, 20, 20], total)]
    offence = weighted(rng, [4, 12, 6, 22, 14, 4, 12, 26], total)
    none = np.full(total, -1)
    return _Reports(rng.integers(day(2013), END, total), reporter, none, offence, none, actors[row])


def _of_anybody(rng: np.random.Generator, people: tuple[Persons, Identities, Cast]) -> _Reports:
    persons, identities, _ = people
    total = int(len(persons) * CASES_PER_PERSON)
    pool = np.flatnonzero(~identities.is_unregistered)
    repeat = pool[: max(2, len(pool) // 90)]
    who = np.where(
        rng.random(total) < 0.35,
        repeat[rng.integers(0, len(repeat), total)],
        pool[rng.integers(0, len(pool), total)],
    )
    on = rng.integers(FIRST, END, total)
    known = persons.entered[who] < on
    reporter = np.array([POLICE, OTHER_AGENCY, PRIVATE])[weighted(rng, [62, 18, 20], total)]
    offence = weighted(rng, [0.5, 3, 3, 0.8, 1.5, 0.3, 4, 87], total)
    none = np.full(total, -1)
    return taken(_Reports(on, reporter, none, offence, none, who), known)


def _leaders_on(rng: np.random.Generator, roles: Roles, enterprise: Integers, on: Integers) -> Integers:
    """Somebody in a leading role there on the day, or -1."""
    leading = np.flatnonzero(np.isin(roles.code, LEADING) & (roles.person >= 0))
    leading = leading[np.argsort(roles.enterprise[leading], kind="stable")]
    at = roles.enterprise[leading]
    first, last = np.searchsorted(at, enterprise, side="left"), np.searchsorted(at, enterprise, side="right")
    found = np.full(len(enterprise), -1)
    for _ in range(6):
        open_ = np.flatnonzero((found < 0) & (last > first))
        drawn = leading[first[open_] + (rng.random(len(open_)) * (last - first)[open_]).astype(np.int64)]
        there = (roles.since[drawn] <= on[open_]) & (on[open_] < roles.until[drawn])
        found[open_[there]] = roles.person[drawn[there]]
    return found


def _proceed(
    rng: np.random.Generator, people: tuple[Persons, Identities, Cast], reports: _Reports, person: Integers
) -> PoliceCases:
    """How the cases go on: decided after months or years, or still open."""
    total = len(reports.on)
    known = person >= 0
    by_agency = weighted(rng, [13, 22, 4, 3, 3, 1, 27, 15, 2, 8, 2], total)
    others = weighted(rng, [16, 20, 4, 3, 4, 4, 22, 10, 8, 8, 1], total)
    outcome = np.where(reports.reporter <= BENEFITS, by_agency, others)
    outcome = np.where(known, outcome, np.where(rng.random(total) < 0.6, UNKNOWN_OFFENDER, 9))
    decided = reports.on + 60 + (rng.gamma(2.0, 210, total)).astype(np.int64)
    decided = np.where(rng.random(total) < 0.1, NEVER, decided)
    cases = np.flatnonzero(known)
    company = np.flatnonzero(known & (reports.enterprise >= 0) & (rng.random(total) < 0.2))
    second = _companions(rng, people[2], person[company])
    company, second = company[second >= 0], second[second >= 0]
    involved = np.concatenate([cases, company])
    who = np.concatenate([person[cases], second])
    since = reports.on[involved] + rng.integers(0, 120, len(involved))
    progress = rng.random(len(involved)) < np.where(np.isin(outcome[involved], CONVICTIONS), 1.0, 0.4)
    charged = np.where(progress, since + rng.integers(5, 250, len(involved)), NEVER)
    order = np.argsort(since, kind="stable")
    return PoliceCases(
        reports.on, reports.reporter, reports.reference, reports.offence, reports.enterprise, outcome, decided,
        involved[order], who[order], since[order], charged[order],
    )  # fmt: skip


def _companions(rng: np.random.Generator, cast: Cast, person: Integers) -> Integers:
    """Another member of the same network, or -1."""
    network = cast.network[person]
    first = np.searchsorted(cast.member_network, network, side="left")
    last = np.searchsorted(cast.member_network, network, side="right")
    some = (network >= 0) & (last > first)
    drawn = cast.members[
        np.where(some, first + (rng.random(len(person)) * (last - first)).astype(np.int64), 0)
    ]
    return np.where(some & (drawn != person), drawn, -1)
