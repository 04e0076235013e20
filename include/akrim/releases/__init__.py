"""Releases: the marts assembled into one immutable folder per centre, held, erased and withdrawn as people decide."""

from akrim.releases.plausibility import Held
from akrim.releases.publishing import PublishSummary, publish

__all__ = ["Held", "PublishSummary", "publish"]
