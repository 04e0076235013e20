"""Airflow's settings, its processes, and what we use of its internals."""

from akrim.orchestration.airflow.cleaning import clean_metadata
from akrim.orchestration.airflow.configuration import password_file
from akrim.orchestration.airflow.services import Services

__all__ = ["Services", "clean_metadata", "password_file"]
