"""What a browser meets around and inside Airflow: the safeguards, and the pages for the people around the pipeline; `plugins/` registers both.

Nothing here reads the warehouse or Airflow as it is imported, since every process of Airflow reads the plugins as it starts.
"""

from akrim.browser.pages import Pages
from akrim.browser.safeguards import Safeguards

__all__ = ["Pages", "Safeguards"]
