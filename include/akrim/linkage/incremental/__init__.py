"""Linking what is new against what is kept of the linkage before."""
