"""Puts akrim's pages into Airflow and its menu: registration only, the code is akrim.browser."""

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin
from akrim.browser import Pages


class PagesPlugin(AirflowPlugin):
    name = "akrim_pages"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [
        {"name": "akrim pages", "app": Pages(), "url_prefix": Pages.PREFIX}
    ]
    # Without a route of Airflow's own, which would frame the pages: nothing here may be framed. At the menu's top Airflow 3.3 draws
    # such a view as a button that leads nowhere, within a menu as a link.
    external_views: ClassVar[list[dict[str, Any]]] = [
        {"name": "akrim", "href": f"{Pages.PREFIX}/", "destination": "nav", "category": "browse"}
    ]
