"""What stands between a browser and Airflow's pages; `plugins/` registers it.

Nothing here needs the warehouse or Airflow itself, since every process of Airflow reads the plugins as it starts.
"""

from akrim.browser.safeguards import Safeguards

__all__ = ["Safeguards"]
