"""The published rules: their catalogue, their versions, and the data that they may use."""

from akrim.rules.catalogue import (
    Rule,
    load_rules,
    mart_documents,
    read_seed,
    rules_digest,
    said_of,
    stale_after_days,
)
from akrim.rules.dbt import BUILD, quicken, run_environment
from akrim.rules.variant import CompiledRules, compile_rules, compile_variant
from akrim.rules.versions import RuleChange, read_changes

__all__ = [
    "BUILD",
    "CompiledRules",
    "Rule",
    "RuleChange",
    "compile_rules",
    "compile_variant",
    "load_rules",
    "mart_documents",
    "quicken",
    "read_changes",
    "read_seed",
    "rules_digest",
    "run_environment",
    "said_of",
    "stale_after_days",
]
