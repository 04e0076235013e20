"""`akrim link`: clerical review of person linkage, its models and its quality."""

from akrim.commands.link.link import app

__all__ = ["app"]
