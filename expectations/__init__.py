"""What is acceptable: a Great Expectations suite per extract, derived from its contract, plus what a contract can't say.

Importing this package imports Great Expectations, which takes seconds: do it inside the task that validates.
"""

from expectations.later import UNUSED, import_later

import_later(*UNUSED)

from expectations.suites import suite_for  # noqa: E402  # it imports Great Expectations

__all__ = ["suite_for"]
