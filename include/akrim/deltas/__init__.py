"""From one release's data to the next as a delta, and the proof that previous + delta = this one.

Needs the files and pyarrow alone, so that a centre can check it on any machine.
"""

from akrim.deltas.checking import check
from akrim.deltas.writing import Moved, write_delta

__all__ = ["Moved", "check", "write_delta"]
