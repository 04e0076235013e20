"""Expectation maximisation over all the pairs that blocking finds, where Splink's own runs over one rule at a time.

In goes a first model, out comes the same model with m, u and the prior re-estimated. One rule at a time teaches m from
pairs that happen to agree on that rule, which are the less damaged ones. And where most records have a double, random
pairs hold so many matches that u is too high: what the matches add to it is taken out again.
"""

from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from akrim.linkage.scoring import make_linker

ROUNDS = 25
Floats = npt.NDArray[np.float64]


def refine(
    con: duckdb.DuckDBPyConnection,
    settings: dict[str, Any],
    keep_m: set[str],
    least: dict[str, float],
) -> dict[str, Any]:
    """Re-estimate the prior, u, and m of every comparison but those in `keep_m`."""
    names = [comparison["output_column_name"] for comparison in settings["comparisons"]]
    patterns, pairs = _patterns(con, settings, names)
    if not len(pairs):
        return settings
    levels = [_weighted_levels(comparison) for comparison in settings["comparisons"]]
    m = [_column(known, "m_probability") for known in levels]
    random_u = [_column(known, "u_probability") for known in levels]
    u = random_u
    prior = settings["probability_two_random_records_match"]
    possible = _possible_pairs(con)
    for _ in range(ROUNDS):
        posterior = _posterior(patterns, m, u, prior)
        matches = posterior * pairs
        prior = min(max(float(matches.sum()) / possible, 1.0 / possible), 0.1)
        shares = [_shares(patterns[:, place], matches, len(known)) for place, known in enumerate(levels)]
        m = [
            old if name in keep_m or not share.any() else np.maximum(share, least["m_probability"])
            for name, old, share in zip(names, m, shares, strict=True)
        ]
        u = [
            np.maximum((seen - prior * mine) / (1 - prior), least["u_probability"])
            for seen, mine in zip(random_u, m, strict=True)
        ]
    for known, new_m, new_u in zip(levels, m, u, strict=True):
        for level, m_value, u_value in zip(known, new_m, new_u, strict=True):
            level["m_probability"], level["u_probability"] = (
                float(m_value),
                float(u_value),
            )
    return settings | {"probability_two_random_records_match": prior}


def _patterns(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], names: list[str]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The patterns of agreement that occur and how many pairs show each; level numbers fall with agreement."""
    linker = make_linker(con, settings | {"retain_matching_columns": True})
    predicted = linker.inference.predict(warning_mode="never")
    columns = ", ".join(f"gamma_{name}" for name in names)
    rows = con.execute(
        f"select {columns}, count(*) from {predicted.physical_name} group by all order by all"
    ).fetchall()
    predicted.drop_table_from_database_and_remove_from_cache()
    table = np.array(rows, dtype=np.int64).reshape(-1, len(names) + 1)
    return table[:, :-1], table[:, -1].astype(np.float64)


def _weighted_levels(comparison: dict[str, Any]) -> list[dict[str, Any]]:
    """Levels in the order of their number, 0 being the last: Splink counts up from the least agreement."""
    return [level for level in reversed(comparison["comparison_levels"]) if not level.get("is_null_level")]


def _column(levels: list[dict[str, Any]], name: str) -> Floats:
    return np.array([level[name] for level in levels], dtype=np.float64)


def _possible_pairs(con: duckdb.DuckDBPyConnection) -> float:
    (records,) = con.execute("select count(*) from descriptions").fetchall()[0]
    return float(max(records * (records - 1) / 2, 1.0))


def _posterior(patterns: npt.NDArray[np.int64], m: list[Floats], u: list[Floats], prior: float) -> Floats:
    log_odds = np.full(len(patterns), np.log(prior / (1 - prior)))
    for place, (m_values, u_values) in enumerate(zip(m, u, strict=True)):
        known = patterns[:, place] >= 0
        weights = np.log(m_values / u_values)
        log_odds[known] += weights[patterns[known, place]]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -500, 500))))


def _shares(levels: npt.NDArray[np.int64], matches: Floats, count: int) -> Floats:
    known = levels >= 0
    sums = np.bincount(levels[known], weights=matches[known], minlength=count)
    return sums / sums.sum() if sums.sum() > 0 else np.zeros(count)
