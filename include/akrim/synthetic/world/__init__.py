"""A synthetic Norway: persons, enterprises, and their actions."""
