"""The centres' decisions and reports: one sender delivers them for all centres, as an agency would."""

from akrim.contracts.model import Contract, Extract
from akrim.contracts.reading import load_contracts

DECISIONS_SENDER = "sentrene"
DECISIONS = "beslutninger"
GROUP_DECISIONS = "gruppebeslutninger"
INFORMED = "informasjonstiltak"
# The status of a person whom the team has put aside.
DISMISSED = "avskrevet"
# In the place of a centre: whom and what no centre's area holds.
WITHOUT_CENTRE = "uten_senter"
# The joint analysis centre and the steering group, who get a part of each release and decide on nobody.
NATIONAL = "national"


def decisions_contract() -> Contract:
    return load_contracts()[DECISIONS_SENDER]


def decision_extracts() -> tuple[Extract, ...]:
    """What a decision form holds, a sheet each: decisions on persons first, on networks and enterprises, and who was informed."""
    return tuple(decisions_contract().extract(name) for name in (DECISIONS, GROUP_DECISIONS, INFORMED))


def statuses() -> tuple[str, ...]:
    """The statuses that a management team may set, the most serious first."""
    return next(column.codes for column in decision_extracts()[0].columns if column.name == "status")


def centres() -> tuple[str, ...]:
    """The centres, which are those that may decide."""
    return tuple(sorted(decision_extracts()[0].columns_meaning("centre")[0].codes))


def recipients() -> tuple[str, ...]:
    """Whoever gets a part of each release: the centres, and who looks at the whole country."""
    return (*centres(), NATIONAL)
