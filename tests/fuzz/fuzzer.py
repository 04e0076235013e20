"""Runs one target under Atheris, which changes content so that it reaches lines of ours and of the parsers not seen yet.

`make fuzz` starts it for each target in a process of its own: a finding ends the process, and the content that did it
is left in var/fuzz/found. Time and memory for each content are bounded by libFuzzer.
"""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["akrim.commands.link", "akrim.contracts", "akrim.deliveries", "akrim.releases.limits", "akrim.sending.receipts",
             "akrim.settings", "akrim.trust", "csv", "gzip", "json", "tarfile", "tomllib", "yaml", "zipfile"],
):  # fmt: skip
    from akrim.deliveries.readers import READERS
    from akrim.deliveries.readers.parquet import read_parquet

    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS

SECONDS_A_CONTENT = 10
MIB = 1500
LARGEST = 64 * 1024
READERS["parquet"] = read_parquet  # in this process, or no line of it would be seen to be reached


def main(name: str, seconds: int, work: Path) -> None:
    """Fuzz one target for so many seconds.

    Args:
        work: holds what was found and the contents that reach new lines, from run to run.
    """
    corpus, found = work / name, work / "found" / name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds(name)):
        (corpus / f"seed-{number}").write_bytes(content)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:  # memory: thousands of files a second
        folder = Path(scratch) / "x"

        def try_out(content: bytes) -> None:
            folder.mkdir()
            try:
                TARGETS[name].try_out(content, folder)
            except BaseException:
                (found / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
                raise
            finally:
                shutil.rmtree(folder)

        for content in seeds(name):
            try_out(content)  # what is read once and kept, such as the contracts, before time counts
        options = {
            "max_total_time": seconds, "timeout": SECONDS_A_CONTENT, "rss_limit_mb": MIB, "max_len": LARGEST,
            "artifact_prefix": f"{found}/", "print_final_stats": 1, "verbosity": 0,
        }  # fmt: skip
        atheris.Setup(
            [sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)], try_out
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(float(sys.argv[2]) * 60), Path(sys.argv[3]))
