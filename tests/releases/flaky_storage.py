"""A program that delivers to a storage which hangs up on every first attempt, and on one centre always.

It runs in a process of its own: a storage's address makes Airflow read its settings, which must not happen in the tests'.
Prints what came of it as JSON; the first argument names the file to copy Oslo's sealed release to.
"""

import json
import sys
from pathlib import Path
from typing import Any

import fsspec
from akrim.sending import deliver
from fsspec.implementations.memory import MemoryFileSystem


class Flaky(MemoryFileSystem):
    """Memory that refuses the first attempt to write each file, and every one for Bergen."""

    protocol = "flaky"
    store: dict[str, Any] = {}  # noqa: RUF012  # fsspec's memory storage is declared like this
    pseudo_dirs = [""]  # noqa: RUF012  # likewise
    refused: set[str] = set()  # noqa: RUF012  # likewise

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        if mode == "wb" and ("bergen" in path or path not in self.refused):
            self.refused.add(path)
            raise ConnectionResetError("the storage hung up")
        return super()._open(path, mode, **options)


fsspec.register_implementation("flaky", Flaky)
delivered = deliver()
oslo = next(content for path, content in Flaky.store.items() if "/oslo/" in path)
Path(sys.argv[1]).write_bytes(oslo.getvalue())
told = {"sent": delivered.sent, "failed": sorted(delivered.failed), "lies_there": sorted(Flaky.store)}
sys.stdout.write("\n" + json.dumps(told))
