"""A synthetic Norway: persons, enterprises, and what they do."""
