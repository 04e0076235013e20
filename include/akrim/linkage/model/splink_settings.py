"""Comparisons and blocking rules as untrained Splink settings."""

from typing import Any

from splink import SettingsCreator
from splink.comparison_library import CustomComparison

from akrim.linkage.model.blocking_rules import MAY_BE_ONE_PERSON
from akrim.linkage.model.comparisons import UNKNOWN, Level


def create_settings(comparisons: dict[str, list[Level]], blocking_rules: dict[str, str]) -> SettingsCreator:
    """Untrained Splink settings."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="description_id",
        comparisons=[_comparison(name, levels) for name, levels in comparisons.items()],
        blocking_rules_to_generate_predictions=[
            {"blocking_rule": f"{condition} and {MAY_BE_ONE_PERSON}"} for condition in blocking_rules.values()
        ],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        max_iterations=50,
    )


def _comparison(name: str, levels: list[Level]) -> CustomComparison:
    return CustomComparison(output_column_name=name, comparison_levels=[_level(level) for level in levels])


def _level(level: Level) -> dict[str, Any]:
    level_settings: dict[str, Any] = {"sql_condition": level.condition, "label_for_charts": level.label}
    if level.label == UNKNOWN:
        level_settings["is_null_level"] = True
    if level.rarity:
        level_settings |= {"tf_adjustment_column": level.rarity, "tf_minimum_u_value": 0.00001}
    return level_settings
