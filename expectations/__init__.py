"""What is acceptable: a Great Expectations suite per extract, derived from its contract, plus what a contract can't say.

Importing this package imports Great Expectations, which takes seconds: do it inside the task that validates.
"""

from expectations.later import UNUSED, absent, import_later

import_later(*UNUSED)

with absent("pyspark"):
    from expectations.suites import suite_for

__all__ = ["suite_for"]
