"""The answer key's tables of what honestly resembles an offence, beside the offences of that kind where one table tells of both."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from akrim.synthetic.extracts.columns import dates, orgnrs
from akrim.synthetic.world.world import World


def _family_handovers(world: World, as_of: int) -> pa.Table:
    """Companies lawfully handed over within the family by that day: no rule should fire on these."""
    family = world.family
    rows = np.flatnonzero(family.on <= as_of)
    return pa.table({
        "orgnr": orgnrs(world.orgnr, family.enterprise[rows]),
        "from_true_person_id": family.giver[rows] + 1,
        "to_true_person_id": family.heir[rows] + 1,
        "handed_over": dates(family.on[rows]),
    })  # fmt: skip


def _takeovers(world: World, as_of: int) -> pa.Table:
    """Bankrupt businesses honestly carried on by that day: no rule should take these for phoenixes."""
    takeovers, firms = world.takeovers, world.enterprises
    known = firms.bankrupt_on[takeovers.bankrupt] <= as_of
    rows = np.flatnonzero(known & (firms.registered[takeovers.enterprise] <= as_of))
    return pa.table({
        "kind": np.where(takeovers.is_by_staff[rows], "staff", "estate_buyer").astype(object),
        "bankrupt_orgnr": orgnrs(world.orgnr, takeovers.bankrupt[rows]),
        "successor_orgnr": orgnrs(world.orgnr, takeovers.enterprise[rows]),
        "leader_true_person_id": takeovers.leader[rows] + 1,
        "bankrupt_date": dates(firms.bankrupt_on[takeovers.bankrupt[rows]]),
        "successor_founded": dates(firms.founded[takeovers.enterprise[rows]]),
    })  # fmt: skip


def _hired_in(world: World, as_of: int) -> pa.Table:
    """Who was met at work for another enterprise than the inspected one."""
    seen, hired = world.inspections, world.hired_in
    inspection = seen.seen_inspection[hired.seen]
    rows = np.flatnonzero(seen.on[inspection] <= as_of)
    return pa.table({
        "true_person_id": seen.seen_person[hired.seen[rows]] + 1,
        "date": dates(seen.on[inspection[rows]]),
        "site_orgnr": orgnrs(world.orgnr, seen.enterprise[inspection[rows]]),
        "employer_orgnr": orgnrs(world.orgnr, hired.employer[rows]),
    })  # fmt: skip


def _small_positions(world: World, as_of: int) -> pa.Table:
    """Who had a small position in an enterprise, and why: it was understated, or is one of what honestly resembles that."""
    jobs, small = world.employment, world.small_positions
    rows = np.flatnonzero((small.kind > 0) & (jobs.start <= as_of))
    return pa.table({
        "kind": small.kinds(rows),
        "true_person_id": jobs.person[rows] + 1,
        "orgnr": orgnrs(world.orgnr, jobs.enterprise[rows]),
    })  # fmt: skip


def _accountant_changes(world: World, as_of: int) -> pa.Table:
    """Each accountant or auditor that followed another, and why: in a network that changes all the time, or honestly."""
    roles, changes = world.roles, world.accountant_changes
    rows = np.flatnonzero(roles.since[changes.role] <= as_of)
    role = changes.role[rows]
    return pa.table({
        "kind": changes.kinds(rows),
        "orgnr": orgnrs(world.orgnr, roles.enterprise[role]),
        "role_code": roles.code[role],
        "since": dates(roles.since[role]),
    })  # fmt: skip


LOOK_ALIKES: dict[str, Callable[[World, int], pa.Table]] = {
    "family_handover": _family_handovers,
    "honest_takeover": _takeovers,
    "hired_in": _hired_in,
    "small_position": _small_positions,
    "accountant_change": _accountant_changes,
}
