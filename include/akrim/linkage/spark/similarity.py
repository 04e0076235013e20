"""DuckDB's own measures of how alike two texts are, for Spark.

What Spark has and what the jar brings that comes with Splink give other results (docs/adr/0031), so Spark's executors ask DuckDB,
a batch of Arrow at a time. This module is sent to them as it stands: it needs DuckDB and Arrow there, and nothing of akrim.
"""

from collections.abc import Callable

import duckdb
import pyarrow as pa

# The functions by name, with the type of their result in Spark's words.
MEASURES = {"damerau_levenshtein": "bigint", "jaro_winkler_similarity": "double"}


def spark_name(measure: str) -> str:
    """What Spark calls it: under DuckDB's own name a function that Spark has, now or in a later version, would win."""
    return f"duckdb_{measure}"


def measure(name: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """The function of that name, from two arrays of texts to one of numbers; null where either text is."""

    def measured(one: pa.Array, other: pa.Array) -> pa.Array:
        texts = duckdb.from_arrow(pa.table({"one": one, "other": other}))
        numbers = texts.project(f"{name}(one, other) as number").to_arrow_table()["number"]
        return numbers.combine_chunks()

    return measured
