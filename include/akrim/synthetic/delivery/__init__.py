"""A synthetic world as the agencies would deliver it, good and bad."""
