"""What is acceptable: a Great Expectations suite per extract, derived from its contract, plus what a contract can't say.

Importing this package imports Great Expectations, which takes seconds: do it inside the task that validates.
"""

from expectations.suites import suite_for

__all__ = ["suite_for"]
