"""How far a release's records have drifted from those that the model was trained on.

A profile has the distribution of true pairs' weights, which blocking rule finds them first, and how many pairs each rule
generates per record. Training writes its profile into the model file; a release's is compared with it. The first two do
not depend on the number of records; only the third shows that a register has grown.
"""

from math import log2
from typing import Any, NamedTuple

import duckdb

from akrim.linkage.engine import count, tables
from akrim.linkage.model.blocking_rules import rule_names
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.quality.estimators import stability_index

NOT_FOUND = "not found"
# In bits of match weight; five bits are a factor of 32 in the odds.
BIN_WIDTH, LOWEST_BIN, HIGHEST_BIN = 5, -10, 40
NO_PROFILE = "the model holds no profile of its training"
NO_BASE = "no earlier release of the same weights"
NOTHING_HELD_OUT = "no record could be held out"
DISTRIBUTIONS = ("match_weight", "found_by")
# The suffix of a measure that compares with the release before instead of the training.
SINCE_BASE = "_since_base"

Profile = dict[str, dict[str, float]]


class Drift(NamedTuple):
    """One row of linkage.drift; `drift` is the stability index of a distribution, or the log2 ratio of one rule's pairs."""

    measure: str
    item: str
    expected: float | None
    actual: float | None
    drift: float | None
    note: str


@tables(reads="blind_scored held_out")
def profile(con: duckdb.DuckDBPyConnection, model: LinkageModel) -> Profile:
    """The profile of the held-out records; empty if none could be held out."""
    names = rule_names(model.settings)
    drawn = count(con, "held_out")
    if not drawn:
        return {}
    weights = dict(con.execute(WEIGHTS).fetchall())
    found_by: dict[str, float] = dict.fromkeys(names, 0.0)
    for rule, records in con.execute("select rule, count(*) from held_out group by rule").fetchall():
        found_by[NOT_FOUND if rule is None else names[rule]] = records / drawn
    pairs = dict.fromkeys(names, 0.0)
    for rule, made in con.execute("select rule, count(*) from blind_scored group by rule").fetchall():
        pairs[names[rule]] = made / drawn
    found = {"match_weight": weights, "found_by": found_by, "pairs_per_record": pairs}
    return {
        measure: {name: round(value, 6) for name, value in shares.items()}
        for measure, shares in found.items()
    }


WEIGHTS = f"""
select case when best_weight is null then '{NOT_FOUND}' else
    format('{{}} to {{}}', bin, bin + {BIN_WIDTH}) end as bin, count(*) / sum(count(*)) over () as share
from (select best_weight, least(greatest(floor(best_weight / {BIN_WIDTH}) * {BIN_WIDTH}, {LOWEST_BIN}), {HIGHEST_BIN})::int as bin
    from held_out)
group by all
"""


def compare_with_release(before: Profile | None, actual: Profile) -> list[Drift]:
    """Compare a release's profile with that of the release before: whether this installation's records have changed.

    `before` is None if there is no earlier release or if other weights linked it: those cannot be compared.
    """
    rows = []
    for measure in DISTRIBUTIONS:
        then, now = (before or {}).get(measure, {}), actual.get(measure, {})
        note = _note(then, now, NO_BASE)
        rows.append(Drift(f"{measure}{SINCE_BASE}", "all", None, None, _index(then, now), note))
    return rows


def compare(expected: Profile, actual: Profile) -> list[Drift]:
    """Compare a release's profile with its model's training: how different its records are from the training records."""
    rows = []
    for measure in DISTRIBUTIONS:
        then, now = expected.get(measure, {}), actual.get(measure, {})
        rows.append(Drift(measure, "all", None, None, _index(then, now), _note(then, now)))
        rows += [Drift(measure, item, then.get(item), now.get(item), None, "") for item in _items(then, now)]
    then, now = (profile.get("pairs_per_record", {}) for profile in (expected, actual))
    for item in _items(then, now):
        known = then.get(item), now.get(item)
        change = round(log2(known[1] / known[0]), 5) if known[0] and known[1] else None
        rows.append(Drift("pairs_per_record", item, *known, change, _note(then, now)))
    return rows


def _items(*sides: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(item for side in sides for item in side))


def _index(then: dict[str, float], now: dict[str, float]) -> float | None:
    return round(stability_index(then, now), 5) if then and now else None


def _note(then: dict[str, float], now: dict[str, float], nothing_then: str = NO_PROFILE) -> str:
    """Why the two cannot be compared; empty where they can."""
    if not then:
        return nothing_then
    return "" if now else NOTHING_HELD_OUT
