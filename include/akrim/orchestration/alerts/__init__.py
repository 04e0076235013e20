"""Tells whoever runs the pipeline what waits for them: what went wrong, and what stands, once each."""

from akrim.orchestration.alerts.alert import Alert, by_advice
from akrim.orchestration.alerts.conditions import current_conditions, unsettled
from akrim.orchestration.alerts.telling import forget_ended, receivers, tell

__all__ = ["Alert", "by_advice", "current_conditions", "forget_ended", "receivers", "tell", "unsettled"]
