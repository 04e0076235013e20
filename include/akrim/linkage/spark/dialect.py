"""The model's SQL, written once for DuckDB, in Spark's dialect."""

from typing import Any

import sqlglot
from sqlglot import exp

from akrim.linkage.spark.similarity import MEASURES, spark_name


def to_spark(sql: str) -> str:
    """A query or condition of DuckDB's in Spark's dialect."""
    return sqlglot.parse_one(sql, dialect="duckdb").transform(_translated).sql(dialect="spark")


def _translated(node: exp.Expression) -> exp.Expression:
    """What sqlglot's own translation leaves: an operator that Spark lacks, and the measures that stay DuckDB's."""
    if isinstance(node, exp.ArrayOverlaps):
        return exp.Anonymous(this="arrays_overlap", expressions=[node.this, node.expression])
    if isinstance(node, exp.JarowinklerSimilarity):
        node = exp.Anonymous(this="jaro_winkler_similarity", expressions=[node.this, node.expression])
    if isinstance(node, exp.Anonymous) and node.name.lower() in MEASURES:
        return exp.Anonymous(this=spark_name(node.name.lower()), expressions=node.expressions)
    return node


def settings_for_spark(settings: dict[str, Any]) -> dict[str, Any]:
    """A model's Splink settings with the conditions of its levels and blocking rules in Spark's dialect."""
    return settings | {
        "sql_dialect": "spark",
        "comparisons": [
            comparison | {"comparison_levels": [_level(level) for level in comparison["comparison_levels"]]}
            for comparison in settings["comparisons"]
        ],
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": to_spark(rule["blocking_rule"]), "sql_dialect": "spark"}
            for rule in settings["blocking_rules_to_generate_predictions"]
        ],
    }


def _level(level: dict[str, Any]) -> dict[str, Any]:
    condition = level["sql_condition"]
    return level if condition == "ELSE" else level | {"sql_condition": to_spark(condition)}
