"""The agencies' public keys: those that they sign deliveries with, and those that their receipts are sealed for."""

from akrim.keys.agencies.receivers import receivers_of
from akrim.keys.agencies.senders import distrust_sender, trust_sender

__all__ = ["distrust_sender", "receivers_of", "trust_sender"]
