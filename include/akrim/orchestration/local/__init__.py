"""Runs the DAGs in this process, one after another."""
