"""The sections of the report beside the profiles."""
