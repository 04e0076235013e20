"""What a run and its database take of processors and memory while it lasts."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

SAMPLE_SECONDS = 1.0
MIB = 1024 * 1024


class Watch(threading.Thread):
    """Looks every second at what a run and its database take, and remembers the most."""

    def __init__(self, process: psutil.Process, home: Path) -> None:
        super().__init__(daemon=True)
        self._process, self._home, self._ended = process, home, threading.Event()
        self._own: dict[int, float] = {}
        self._database: list[float] = []
        self._largest = self._all = 0

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self._look()

    def stop(self) -> None:
        self._ended.set()
        self.join()

    def figures(self) -> dict[str, Any]:
        database = self._database[-1] - self._database[0] if self._database else 0.0
        return {
            "processor_seconds": round(sum(self._own.values()) + database, 1),
            "of_the_database": round(database, 1),
            "largest_process_mib": round(self._largest / MIB),
            "all_processes_mib": round(self._all / MIB),
        }

    def _look(self) -> None:
        sizes = []
        with suppress(psutil.Error):
            for process in [self._process, *self._process.children(recursive=True)]:
                with suppress(psutil.Error):
                    times = process.cpu_times()
                    # A process that ends is counted by its parent from then on only where that waits for it, so each counts for itself.
                    self._own[process.pid] = times.user + times.system
                    sizes.append(process.memory_full_info().pss)
        with suppress(psutil.Error, OSError, ValueError, IndexError):
            spent, held = self._of_database()
            self._database.append(spent)
            sizes += held
        self._largest = max([self._largest, *sizes])
        self._all = max(self._all, sum(sizes))

    def _of_database(self) -> tuple[float, list[int]]:
        """Processor seconds since its start, of connections that have ended too, and each process's memory."""
        (pid_file,) = self._home.glob("postgres/**/postmaster.pid")
        server = psutil.Process(int(pid_file.read_text("utf-8").splitlines()[0]))
        times = server.cpu_times()
        spent = times.user + times.system + times.children_user + times.children_system
        held = [server.memory_full_info().pss]
        for child in server.children():
            with suppress(psutil.Error):
                times = child.cpu_times()
                spent += times.user + times.system
                held.append(child.memory_full_info().pss)
        return spent, held
