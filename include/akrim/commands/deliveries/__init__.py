"""`akrim deliveries` and `akrim quarantine`: deliveries that came, rows that were set aside, and the reasons."""

from akrim.commands.deliveries.deliveries import app
from akrim.commands.deliveries.quarantine import quarantine

__all__ = ["app", "quarantine"]
