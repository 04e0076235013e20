"""Great Expectations' Data Docs of one delivery, built from its kept results; pages that ask nothing of any other machine."""

from akrim.deliveries.data_docs.site import build_data_docs

__all__ = ["build_data_docs"]
