"""Ends database servers that still run though their home was removed."""

import os
import signal
from contextlib import suppress
from pathlib import Path


def end_servers_of_removed(data: Path) -> None:
    """End what still serves a folder of data that was removed from this place, before another server starts there.

    PostgreSQL sees within a minute that its folder is gone, and then takes its socket away: by its name, under which the new server
    listens by then. So it is given no time to. Does nothing where the system has no /proc.
    """
    removed = f"{data.resolve()} (deleted)"
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is somebody else's
            if str((process / "cwd").readlink()) == removed:
                os.kill(int(process.name), signal.SIGKILL)
