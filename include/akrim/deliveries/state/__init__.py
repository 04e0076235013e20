"""Which accepted deliveries make up an agency's state, how it compares, and what protection of addresses they say."""

from akrim.deliveries.state.pinned import pinned_extracts
from akrim.deliveries.state.protection import heard_beside
from akrim.deliveries.state.sequence import accepted_deliveries, state_sequence

__all__ = ["accepted_deliveries", "heard_beside", "pinned_extracts", "state_sequence"]
