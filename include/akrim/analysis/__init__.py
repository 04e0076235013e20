"""The marts as pandas data frames, for notebooks; read by the analysts' role, which can change nothing.

Shares and rates come with intervals, and are drawn as the report draws; no plotting library is needed.
"""

from akrim.analysis.drawing import draw
from akrim.analysis.intervals import rate, share
from akrim.analysis.marts import list_marts, list_releases, read_mart

__all__ = ["draw", "list_marts", "list_releases", "rate", "read_mart", "share"]
