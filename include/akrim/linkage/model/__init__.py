"""The linkage model: its comparisons, guards, thresholds, and its files."""
