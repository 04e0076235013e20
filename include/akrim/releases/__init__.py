"""Releases: publication of the marts as one immutable folder per centre, plausibility holds, and erasure."""

from akrim.releases.plausibility import ReleaseOnHold
from akrim.releases.publishing import PublishSummary, publish

__all__ = ["PublishSummary", "ReleaseOnHold", "publish"]
