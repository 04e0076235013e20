"""What each agency would send for a period: the world as that agency sees it, as tables with the agreed columns."""

from akrim.synthetic.extracts.agencies import AGENCIES, extracts_of
from akrim.synthetic.extracts.columns import ExtractTable

__all__ = ["AGENCIES", "ExtractTable", "extracts_of"]
