"""A synthetic Norway: deliveries to the letter of the agreement, for any size and period, and their answer key."""

from akrim.synthetic.production import Request, produce

__all__ = ["Request", "produce"]
