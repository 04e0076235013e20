"""DuckDB's SQL in Spark's dialect, where sqlglot alone would go wrong."""

import sqlglot
from akrim.linkage.model.file import MODELS, newest_model, read_model
from akrim.linkage.spark.dialect import settings_for_spark, to_spark
from sqlglot import exp


def test_measures_stay_duckdbs_and_arrays_overlap() -> None:
    assert to_spark("jaro_winkler_similarity(a, b) >= 0.9") == "DUCKDB_JARO_WINKLER_SIMILARITY(a, b) >= 0.9"
    assert to_spark("damerau_levenshtein(a, b) = 1") == "DUCKDB_DAMERAU_LEVENSHTEIN(a, b) = 1"
    assert to_spark("list_has_any(a, b)") == "ARRAYS_OVERLAP(a, b)"


def test_every_condition_of_the_model_is_translated() -> None:
    settings = settings_for_spark(read_model(newest_model(), MODELS).settings)
    conditions = [
        level["sql_condition"]
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
    ]
    unknown = {
        function.name.lower()
        for condition in conditions
        if condition != "ELSE"
        for function in sqlglot.parse_one(condition, dialect="spark").find_all(exp.Anonymous)
    }
    assert unknown == {"arrays_overlap", "duckdb_damerau_levenshtein", "duckdb_jaro_winkler_similarity"}
    assert not [condition for condition in conditions if "&&" in condition]
