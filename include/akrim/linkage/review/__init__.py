"""Clerical review: clerks' verdicts on pairs of records, and explanations of a person."""
