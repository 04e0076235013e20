"""What stands around all that Airflow's API server answers, its own pages and ours."""

from akrim.browser.safeguards.middleware import Safeguards

__all__ = ["Safeguards"]
