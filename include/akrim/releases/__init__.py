"""Releases: the marts assembled into one immutable folder per centre, and the check that it still is what it was."""

from akrim.releases.publishing import PublishSummary, publish
from akrim.trust.files import verify

__all__ = ["PublishSummary", "publish", "verify"]
