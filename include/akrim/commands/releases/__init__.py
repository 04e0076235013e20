"""`akrim releases`: inspect, verify, open, approve, send and withdraw releases."""

from akrim.commands.releases.releases import app

__all__ = ["app"]
