"""Patterns of agreement: how many pairs of descriptions show each combination of levels.

Training counts two sets: the pairs that blocking finds, which contain the matches, and random pairs, almost all of
strangers.
"""

import re
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from akrim.linkage.engine import count, tables
from akrim.linkage.model.blocking_rules import MAY_BE_ONE_PERSON, blocked_sql, rule_conditions

# Up to this many descriptions are compared with all others; above, a sample of them.
MAX_DESCRIPTIONS = 30_000

Floats = npt.NDArray[np.float64]
Tables = list[Floats]


@dataclass
class Patterns:
    """The patterns that occur, how many pairs show each, and how many pairs there could be."""

    names: list[str]
    levels: npt.NDArray[np.int64]
    pairs: Floats
    possible: float

    def log_probability(self, tables: Tables) -> Floats:
        """log2 of each pattern's probability; unknown levels are left out."""
        total = np.zeros(len(self.levels))
        for place, table in enumerate(tables):
            known = self.levels[:, place] >= 0
            total[known] += np.log2(table)[self.levels[known, place]]
        return total

    def counts(self, place: int, weights: Floats, size: int) -> Floats:
        """The weighted pairs at each level of one comparison."""
        known = self.levels[:, place] >= 0
        sums = np.bincount(self.levels[known, place], weights=weights[known], minlength=size)
        return sums.astype(np.float64)


@tables(reads="descriptions")
def found_patterns(con: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> Patterns:
    """Patterns of the pairs that the blocking rules find; of many descriptions, of a sample against all others."""
    descriptions = count(con, "descriptions")
    step = -(-descriptions // MAX_DESCRIPTIONS) or 1
    sampled = f"l.description_id % {step} = 0" if step > 1 else "true"
    rules = [f"({rule}) and {sampled}" for rule in rule_conditions(settings)]
    pairs = (
        f"({blocked_sql(rules)}) join descriptions l on l.description_id = join_key_l"
        " join descriptions r on r.description_id = join_key_r"
    )
    return _patterns(con, settings, pairs, max(descriptions * (descriptions - 1) / 2 / step, 1.0))


@tables(reads="descriptions")
def random_patterns(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], pairs: float, seed: int
) -> Patterns:
    """Patterns of about this many random pairs: all pairs of randomly drawn descriptions, one per unit."""
    drawn = int((2 * pairs) ** 0.5) + 1
    con.execute(
        "create or replace temp table drawn as select * from (select * from descriptions"
        " qualify row_number() over (partition by unit_id order by description_id) = 1)"
        " order by md5(first_key || ?::varchar), first_key limit ?",
        [seed, drawn],
    )
    found = _patterns(
        con, settings, f"drawn l join drawn r on l.description_id < r.description_id and {MAY_BE_ONE_PERSON}"
    )
    con.execute("drop table drawn")
    return found


def _patterns(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], pairs: str, possible: float | None = None
) -> Patterns:
    """The patterns of `pairs`, a join of descriptions l and r; as many are possible as there are, unless said."""
    names = [comparison["output_column_name"] for comparison in settings["comparisons"]]
    conditions = [_level_number(comparison) for comparison in settings["comparisons"]]
    columns = sorted(set(re.findall(r"\b(\w+)_[lr]\b", " ".join(conditions))))
    sides = ", ".join(f"l.{name} as {name}_l, r.{name} as {name}_r" for name in columns)
    rows = con.execute(
        f"select {', '.join(conditions)}, count(*) from (select {sides} from {pairs}) group by all order by all"
    ).fetchall()
    table = np.array(rows, dtype=np.int64).reshape(-1, len(names) + 1)
    shown = table[:, -1].astype(np.float64)
    return Patterns(
        names, table[:, :-1], shown, max(float(shown.sum()), 1.0) if possible is None else possible
    )


def weighted_levels(comparison: dict[str, Any]) -> list[dict[str, Any]]:
    """Levels by their number in Splink, where 0 is the last, the least agreement."""
    return [level for level in reversed(comparison["comparison_levels"]) if not level.get("is_null_level")]


def _level_number(comparison: dict[str, Any]) -> str:
    """Level numbers rise with agreement, as Splink's do; -1 is unknown."""
    unknown = [level for level in comparison["comparison_levels"] if level.get("is_null_level")]
    best_first = list(reversed(list(enumerate(weighted_levels(comparison)))))
    cases = [f"when {level['sql_condition']} then -1" for level in unknown]
    cases += [f"when {level['sql_condition']} then {number}" for number, level in best_first[:-1]]
    return f"case {' '.join(cases)} else 0 end"
