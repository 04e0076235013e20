"""The report's sections other than the profiles."""
