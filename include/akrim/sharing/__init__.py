"""Which tables and columns may leave, and for whom."""
