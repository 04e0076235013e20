"""Puts akrim's safeguards around Airflow's API server: registration only, the code is akrim.browser."""

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin
from akrim.browser import Safeguards


class SafeguardsPlugin(AirflowPlugin):
    name = "akrim_safeguards"
    fastapi_root_middlewares: ClassVar[list[dict[str, Any]]] = [
        {"name": "akrim safeguards", "middleware": Safeguards, "args": [], "kwargs": {}}
    ]
