"""Great Expectations' views with templates of ours before its own, which load styles and scripts from elsewhere.

Importing this module imports Great Expectations, which takes seconds.
"""

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from great_expectations.render.view.view import DefaultJinjaView
from jinja2 import ChoiceLoader, PackageLoader


class _OwnTemplatesFirst(DefaultJinjaView):
    """The folder for templates of one's own that Great Expectations knows is looked through after its own."""

    def __init__(self, **folders: str | None) -> None:
        super().__init__(**folders)
        own = PackageLoader("akrim.deliveries.data_docs", "templates")
        self.env.loader = ChoiceLoader([own, *filter(None, [self.env.loader])])


class OfflinePageView(_OwnTemplatesFirst, DefaultJinjaPageView):
    """A suite's page, or a result's."""


class OfflineIndexPageView(_OwnTemplatesFirst, DefaultJinjaIndexPageView):
    """The first page."""
