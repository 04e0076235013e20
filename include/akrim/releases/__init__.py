"""Releases: the marts assembled into one immutable folder per centre, held, sent and recalled as people decide."""

from akrim.releases.delivery import deliver
from akrim.releases.plausibility import Held
from akrim.releases.publishing import PublishSummary, publish
from akrim.trust.files import verify

__all__ = ["Held", "PublishSummary", "deliver", "publish", "verify"]
