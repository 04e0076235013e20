"""A program that keeps the mirror and is killed, by SIGKILL, when the nth file of the mirror is written and has no name yet."""

import itertools
import os
import signal
import sys
from typing import Any

from akrim.sending.mirror import keep_mirror
from akrim.settings import get_settings

count = itertools.count(1)


def kill(event: str, details: tuple[Any, ...]) -> None:
    written = event == "os.chmod" and str(details[0]).startswith(get_settings().releases_mirror)
    if written and next(count) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)


sys.addaudithook(kill)
keep_mirror([])
