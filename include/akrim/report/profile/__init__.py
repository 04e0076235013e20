"""One person's profile in the report."""
