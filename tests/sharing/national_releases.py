"""Releases of one synthetic world under three matrices, made in one process: python -m tests.sharing.national_releases FOLDER.

All lines in force; then nothing of NAV's nationally; then nothing nationally at all.
"""

import os
import sys
from pathlib import Path

from akrim.cli import app
from akrim.contracts import NATIONAL
from akrim.settings import get_settings

from tests.sharing.matrices import changed, without

PERIOD = "2022-T3"
OPEN, NO_NAV, NOTHING = (f"{PERIOD}.{revision}" for revision in (1, 2, 3))


def main(folder: Path) -> None:
    inbox = folder / "inbox"
    no_nav = changed(folder / "no_nav.yml", lambda lines: without(lines, "nav", to=NATIONAL))
    nothing = changed(
        folder / "nothing.yml", lambda lines: [line for line in lines if NATIONAL not in line["to"]]
    )
    app(
        ["synth", "--out", str(inbox), "--period", PERIOD, "--persons", "3000", "--seed", "7"],
        standalone_mode=False,
    )
    for matrix in (None, no_nav, nothing):
        if matrix:
            os.environ["AKRIM_SHARING"] = str(matrix)
        get_settings.cache_clear()
        app(["run", "--inbox", str(inbox), "--period", PERIOD, "--json"], standalone_mode=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
