"""What each agency would send for a period: the world as that agency sees it, as tables in the agreed columns."""

from akrim.synthetic.extracts.agencies import AGENCIES, extracts_of
from akrim.synthetic.extracts.columns import Extract

__all__ = ["AGENCIES", "Extract", "extracts_of"]
