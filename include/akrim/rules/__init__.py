"""The published rules: their catalogue, their versions, and the data that they may use."""

from akrim.rules.catalogue import Rule, load_rules, mart_documents, rules_digest, stale_after_days

__all__ = ["Rule", "load_rules", "mart_documents", "rules_digest", "stale_after_days"]
