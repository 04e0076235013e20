"""`akrim releases`: look into releases, verify and open them, let them go, send and withdraw them."""

from akrim.commands.releases.releases import app

__all__ = ["app"]
