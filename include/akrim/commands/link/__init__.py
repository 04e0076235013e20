"""`akrim link`: the clerical and technical side of person linkage."""

from akrim.commands.link.link import app

__all__ = ["app"]
