"""From the inbox to landing: what came is verified, validated, and accepted, set aside or refused."""

from akrim.deliveries.erasing import ErasedRows, erase_rows, sole_proprietorships
from akrim.deliveries.landing import prepare_landing
from akrim.deliveries.outcome import DeliveryOutcome
from akrim.deliveries.quarantine import NOT_COUNTED
from akrim.deliveries.receiving import receive, record_strays, scan
from akrim.deliveries.register import withdraw
from akrim.deliveries.replaying import ask_replay, asked_agencies, what_came_of
from akrim.deliveries.room import room_for_arrived
from akrim.deliveries.scratch import clear_leftovers
from akrim.deliveries.state.confirming import confirm_extract
from akrim.deliveries.state.data_mode import is_synthetic, require_data_mode

__all__ = [
    "NOT_COUNTED",
    "DeliveryOutcome",
    "ErasedRows",
    "ask_replay",
    "asked_agencies",
    "clear_leftovers",
    "confirm_extract",
    "erase_rows",
    "is_synthetic",
    "prepare_landing",
    "receive",
    "record_strays",
    "require_data_mode",
    "room_for_arrived",
    "scan",
    "sole_proprietorships",
    "what_came_of",
    "withdraw",
]
