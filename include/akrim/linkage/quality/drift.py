"""How far a release's records have moved from those that the model was trained on.

In go `held_out` and `blind_scored` (held_out.py), out comes a profile: how the weights of true pairs are spread, which
blocking rule finds them first, and how many pairs each rule makes for a record. A training writes its own profile into
the model file; a release's is held against it. The first two do not depend on how many records there are; the third
does, so a register that has grown shows there and nowhere else.
"""

from math import log2
from typing import Any, NamedTuple

import duckdb

from akrim.linkage.engine import tables
from akrim.linkage.matching.blocking import rule_names
from akrim.linkage.model.file import Model
from akrim.linkage.quality.estimators import stability_index

NOT_FOUND = "not found"
# Bits of match weight; five bits are a factor of 32 in the odds.
BIN_WIDTH, LOWEST_BIN, HIGHEST_BIN = 5, -10, 40
NO_PROFILE = "the model holds no profile of its training"
NOTHING_HELD_OUT = "no record could be held out"
DISTRIBUTIONS = ("match_weight", "found_by")
# The ending of a measure that is held against the base release instead of the training.
SINCE_BASE = "_since_base"

Profile = dict[str, dict[str, float]]


class Drift(NamedTuple):
    """One row of linkage.drift; `drift` is the stability index of a whole distribution, or a ratio's log2 of one rule."""

    measure: str
    item: str
    expected: float | None
    actual: float | None
    drift: float | None
    note: str


@tables(reads="blind_scored held_out")
def profile(con: duckdb.DuckDBPyConnection, model: Model) -> Profile:
    """What a linkage looks like to its own held-out records; empty where none could be held out."""
    names = rule_names(model)
    drawn = con.execute("select count(*) from held_out").fetchall()[0][0]
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
group by all order by min(bin) nulls first
"""  # noqa: S608  # numbers named here


def compare_with_base(base: Profile | None, actual: Profile) -> list[Drift]:
    """A release's profile against its base's: whether the records of this installation have changed.

    `base` is None where there is no earlier release, or one that other weights linked: those cannot be compared.
    """
    rows = []
    for measure in DISTRIBUTIONS:
        then, now = (base or {}).get(measure, {}), actual.get(measure, {})
        index = round(stability_index(then, now), 5) if then and now else None
        note = (
            ""
            if index is not None
            else "no earlier release of the same weights"
            if not then
            else NOTHING_HELD_OUT
        )
        rows.append(Drift(f"{measure}{SINCE_BASE}", "all", None, None, index, note))
    return rows


def compare(expected: Profile, actual: Profile) -> list[Drift]:
    """A release's profile against its model's training: how unlike those records these are, whatever has changed since."""
    rows = []
    for measure in DISTRIBUTIONS:
        then, now = expected.get(measure, {}), actual.get(measure, {})
        index = round(stability_index(then, now), 5) if then and now else None
        rows.append(Drift(measure, "all", None, None, index, _note(then, now)))
        rows += [Drift(measure, item, then.get(item), now.get(item), None, "") for item in _items(then, now)]
    then, now = (profile.get("pairs_per_record", {}) for profile in (expected, actual))
    for item in _items(then, now):
        known = then.get(item), now.get(item)
        change = round(log2(known[1] / known[0]), 5) if known[0] and known[1] else None
        rows.append(Drift("pairs_per_record", item, *known, change, _note(then, now)))
    return rows


def _items(*sides: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(item for side in sides for item in side))


def _note(then: dict[str, float], now: dict[str, float]) -> str:
    return "" if then and now else NO_PROFILE if not then else NOTHING_HELD_OUT
