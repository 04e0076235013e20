"""Tells whoever runs the pipeline what waits for them: what went wrong, and what stands, once each."""

from akrim.orchestration.alerts.alert import Alert
from akrim.orchestration.alerts.standing import standing
from akrim.orchestration.alerts.telling import receivers, tell

__all__ = ["Alert", "receivers", "standing", "tell"]
