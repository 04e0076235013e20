"""Ordinary enterprises: founded, run, moved, wound up, now and then honestly bankrupt; each with an owner.

Arrays are aligned by enterprise. Networks append theirs (networks.py); what an agency
can see of an enterprise is in other modules.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.synthetic.world.people.cast import Cast, eligible_owners
from akrim.synthetic.world.people.identities import Identities
from akrim.synthetic.world.people.persons import Persons
from akrim.synthetic.world.randomness import Booleans, Chance, Floats, Integers, Texts, weighted
from akrim.synthetic.world.timeline import BEGIN, END, NEVER, PRESENT, day
from akrim.synthetic.world.vocabulary import origins, table, words

FORMS = np.array(["AS", "ENK", "NUF", "ASA", "ANS", "DA", "SA"], dtype=object)
AS, ENK, NUF, ASA, ANS, DA, SA = range(7)
ENTERPRISES_PER_PERSON = 0.105
FOUNDED_A_YEAR = 0.04


@dataclass
class Enterprises:
    """Aligned by enterprise; `owner` leads it from the start, `network` is -1 for ordinary ones."""

    form: Integers
    industry: Integers
    name: Texts
    founded: Integers
    registered: Integers
    is_vat: Booleans
    bankrupt_on: Integers
    winding_on: Integers
    compulsory_on: Integers
    deleted_on: Integers
    chain: Integers
    owner: Integers
    size: Floats
    network: Integers

    def __len__(self) -> int:
        return len(self.form)

    @property
    def closed_on(self) -> Integers:
        return np.minimum(
            np.minimum(self.bankrupt_on, self.winding_on), np.minimum(self.compulsory_on, self.deleted_on)
        )

    @property
    def risk(self) -> Floats:
        return table("industries")["risk"][self.industry].astype(float)


def found(chance: Chance, persons: Persons, identities: Identities, cast: Cast, count: int) -> Enterprises:
    """The ordinary enterprises of a population of `count`; chains are those of the owners' homes, or -1."""
    rng = chance.stream("enterprises")
    at_present = int(count * ENTERPRISES_PER_PERSON) + 8
    later = int(at_present * FOUNDED_A_YEAR * (END - PRESENT) / 365.25)
    founded = np.concatenate([_founding_days(rng, at_present), rng.integers(PRESENT, END - 30, later)])
    total = len(founded)
    form = weighted(rng, [63, 30, 3, 0.4, 1, 1.5, 0.6], total)
    industry = weighted(rng, table("industries")["weight"].astype(float), total)
    owner = eligible_owners(rng, persons, identities, founded)
    _serve_the_profession(rng, cast, form, industry, owner)
    endings = _endings(rng, founded, form)
    at_home = (form == ENK) | (rng.random(total) < 0.25)
    chain = np.where(at_home, persons.chain_on(owner, founded), -1)
    size = np.where(form == ENK, 0.05, rng.lognormal(0.4, 1.2, total))
    return Enterprises(
        form, industry, enterprise_names(rng, persons, form, industry, owner), founded,
        founded + rng.integers(0, 45, total), rng.random(total) < 0.72, *endings, chain, owner, size,
        np.full(total, -1),
    )  # fmt: skip


def _founding_days(rng: np.random.Generator, at_present: int) -> Integers:
    recent = rng.random(at_present) < FOUNDED_A_YEAR * (PRESENT - BEGIN) / 365.25
    return np.where(
        recent, rng.integers(BEGIN, PRESENT, at_present), rng.integers(day(1990), BEGIN, at_present)
    )


def _serve_the_profession(
    rng: np.random.Generator, cast: Cast, form: Integers, industry: Integers, owner: Integers
) -> None:
    """Serial entrepreneurs own several; accountants run the accounting firms; the first ones are sure to exist."""
    companies = rng.permutation(np.flatnonzero(form != ENK))
    several = np.repeat(cast.serial_entrepreneurs, rng.integers(4, 9, len(cast.serial_entrepreneurs)))
    several = several[: len(companies) // 3]
    owner[companies[: len(several)]] = several
    firms = companies[len(several) : len(several) + len(cast.accountants)]
    owner[firms] = cast.accountants[: len(firms)]
    industry[firms] = _accounting_industry()


def accounting_firms(enterprises: Enterprises) -> Integers:
    """Those that keep books, but for a network's own."""
    return np.flatnonzero((enterprises.industry == _accounting_industry()) & (enterprises.network < 0))


def _accounting_industry() -> int:
    return int(np.flatnonzero(table("industries")["word"] == "REGNSKAP")[0])


def _endings(
    rng: np.random.Generator, founded: Integers, form: Integers
) -> tuple[Integers, Integers, Integers, Integers]:
    """Days of bankruptcy, winding-up, compulsory dissolution and deletion; NEVER where it did not happen."""
    total = len(founded)
    end = np.maximum(founded, BEGIN) + 90 + (rng.exponential(17, total) * 365.25).astype(np.int64)
    how = rng.random(total)
    limited = np.isin(form, [AS, NUF, ASA])
    ends = end < END
    bankrupt = ends & limited & (how < 0.24)
    compulsory = ends & limited & ~bankrupt & (how < 0.31)
    winding = ends & ~bankrupt & ~compulsory
    deleted = np.where(ends, end + rng.integers(90, 600, total), NEVER)
    return (
        np.where(bankrupt, end, NEVER),
        np.where(winding, end, NEVER),
        np.where(compulsory, end, NEVER),
        deleted,
    )


def enterprise_names(
    rng: np.random.Generator, persons: Persons, form: Integers, industry: Integers, owner: Integers
) -> Texts:
    """Upper case, as the register has them: a sole proprietor's own name, else an invented or a family one."""
    total = len(form)
    trade = table("industries")["word"][industry]
    invented = np.array(words()["invented"], dtype=object)[rng.integers(0, len(words()["invented"]), total)]
    farm_names = origins()[0].family_male
    farm = farm_names[rng.integers(0, len(farm_names), total)]
    first = np.where(
        rng.random(total) < 0.45, persons.family[owner], np.where(rng.random(total) < 0.6, farm, invented)
    )
    extra = np.array(words()["enterprise_words"], dtype=object)[
        rng.integers(0, len(words()["enterprise_words"]), total)
    ]
    extra = np.where(rng.random(total) < 0.35, " " + extra, "")
    company = first + " " + trade + extra + " " + FORMS[form]
    own = persons.given[owner] + " " + persons.families_on(owner, np.full(total, PRESENT))
    own = np.where(rng.random(total) < 0.25, own + " " + trade, own)
    names = np.where(form == ENK, own, company)
    upper: Texts = pc.utf8_upper(pa.array(names)).to_numpy(zero_copy_only=False)
    return upper
