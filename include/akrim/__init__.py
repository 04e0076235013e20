"""akrim: from agencies' deliveries to an explained assessment for each centre."""

__version__ = "0.1.0"
