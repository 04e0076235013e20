"""Wrong logins slow down: after some, each one more doubles the wait before the next is looked at.

Counted by user name, so that many machines guessing one password gain nothing, and by address, so that one machine
guessing many names gains nothing either. The counts are this process's alone, which is why `akrim up` runs one API server;
a restart forgets them.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# A person mistypes a few times; several persons may sit behind one address.
FREE_OF_NAME, FREE_OF_ADDRESS = 5, 20
MAX_WAIT = 900.0
FORGOTTEN_AFTER = 24 * 3600.0
MAX_KEPT = 20_000


@dataclass
class _Count:
    wrong: int
    since: float


class Throttle:
    """The counts of wrong logins.

    Args:
        clock: seconds that only rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: OrderedDict[bytes, _Count] = OrderedDict()

    def attempt(self, name: str, address: str) -> float:
        """Seconds that the login has to wait; where it may go on now (0), it counts as wrong until `succeeded` is told.

        Counting before the answer is known keeps many attempts at once from all going through.
        """
        limits = ((_key("name", name), FREE_OF_NAME), (_key("address", address), FREE_OF_ADDRESS))
        wait = max(self._wait(key, free) for key, free in limits)
        if wait <= 0:
            for key, _ in limits:
                self._add(key)
        return max(wait, 0.0)

    def succeeded(self, name: str, address: str) -> None:
        """The login was right: the name starts anew; of the address only this attempt is taken back.

        Else whoever may log in himself could guess at others without end.
        """
        self._counts.pop(_key("name", name), None)
        self.undecided(name, address)

    def undecided(self, name: str, address: str) -> None:
        """No password was looked at: the attempt counts neither way."""
        for key in (_key("name", name), _key("address", address)):
            if key in self._counts:
                self._counts[key].wrong -= 1

    def _wait(self, key: bytes, free: int) -> float:
        count = self._counts.get(key)
        if count is None or count.wrong < free:
            return 0.0
        passed = self._clock() - count.since
        # Capped before the power is taken: it would outgrow a float.
        return float(min(2 ** min(count.wrong - free + 1, 10), MAX_WAIT)) - passed

    def _add(self, key: bytes) -> None:
        now = self._clock()
        count = self._counts.pop(key, None)
        if count is None or now - count.since > FORGOTTEN_AFTER:
            count = _Count(0, now)
        count.wrong += 1
        count.since = now
        self._counts[key] = count
        while len(self._counts) > MAX_KEPT:
            self._counts.popitem(last=False)


def _key(kind: str, value: str) -> bytes:
    """The same short size whatever is sent, and no name kept."""
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).digest()
