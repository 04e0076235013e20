"""From records to persons: blocking, scoring, and clustering of pairs."""
