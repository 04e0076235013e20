"""The published rules: their catalogue, versions and foundations, and what data reach them."""

from akrim.rules.catalogue import Rule, load_rules, mart_documents, rules_digest

__all__ = ["Rule", "load_rules", "mart_documents", "rules_digest"]
