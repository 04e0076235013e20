"""From the inbox to landing: what came is verified, validated, and accepted, set aside or refused."""

from akrim.deliveries.inbox import Arrival
from akrim.deliveries.landing import prepare_landing
from akrim.deliveries.outcome import Outcome
from akrim.deliveries.receiving import receive, record_strays, scan
from akrim.deliveries.register import withdraw

__all__ = ["Arrival", "Outcome", "prepare_landing", "receive", "record_strays", "scan", "withdraw"]
