"""The agencies' public keys: those that they sign deliveries with, and those that their receipts are sealed for."""

from akrim.keys.agencies.receivers import add_receiver, receivers_of, remove_receiver
from akrim.keys.agencies.senders import distrust_sender, trust_sender

__all__ = ["add_receiver", "distrust_sender", "receivers_of", "remove_receiver", "trust_sender"]
