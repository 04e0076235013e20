"""Airflow's settings, its processes, and what we use of its internals."""
