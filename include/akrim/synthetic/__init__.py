"""A synthetic Norway: deliveries that follow the contracts, for any size and period, and their answer key."""

from akrim.synthetic.production import Request, produce

__all__ = ["Request", "produce"]
