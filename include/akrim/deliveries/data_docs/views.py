"""Great Expectations' views with templates of ours before its own, which load styles and scripts from elsewhere.

Importing this module imports Great Expectations, which takes seconds.
"""

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from great_expectations.render.view.view import DefaultJinjaView
from jinja2 import ChoiceLoader, PackageLoader


def _prefer_own_templates(view: DefaultJinjaView) -> None:
    """The folder for templates of one's own that Great Expectations knows is looked through after its own."""
    own = PackageLoader("akrim.deliveries.data_docs", "templates")
    view.env.loader = ChoiceLoader([own, *filter(None, [view.env.loader])])


class OfflinePageView(DefaultJinjaPageView):
    """A suite's page, or a result's."""

    def __init__(self, **folders: str | None) -> None:
        super().__init__(**folders)
        _prefer_own_templates(self)


class OfflineIndexPageView(DefaultJinjaIndexPageView):
    """The first page."""

    def __init__(self, **folders: str | None) -> None:
        super().__init__(**folders)
        _prefer_own_templates(self)
