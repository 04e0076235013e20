"""Airflow as services: its settings and processes."""
