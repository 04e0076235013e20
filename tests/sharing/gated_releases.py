"""Releases of one synthetic world under three sharing matrices, made in one process: python -m tests.sharing.gated_releases FOLDER.

All lines in force; then nothing of NAV's for centres, and the police as a hit for Oslo; then no benefit cases for the assessment,
and NAV's next delivery received under that.
"""

import os
import sys
from pathlib import Path

from akrim.cli import app
from akrim.contracts import centres
from akrim.settings import get_settings
from akrim.sharing.matrix import ASSESSMENT, CENTRES

from tests.sharing.matrices import Lines, changed, hit_for, without

PERIOD, NEXT = "2025-T3", "2026-T1"
OPEN, FOR_CENTRES, FOR_ALL = f"{PERIOD}.1", f"{PERIOD}.2", f"{NEXT}.1"
HIT = "oslo"


def for_centres(lines: Lines) -> Lines:
    others = [centre for centre in centres() if centre != HIT]
    return hit_for(without(lines, "nav", to=CENTRES), "politiet", HIT, others)


def for_all(lines: Lines) -> Lines:
    return without(lines, "nav", "benefit", to=ASSESSMENT)


def main(folder: Path) -> None:
    inbox = str(folder / "inbox")

    def run(period: str, matrix: Path | None) -> None:
        if matrix:
            os.environ["AKRIM_SHARING"] = str(matrix)
        get_settings.cache_clear()
        app(["run", "--inbox", inbox, "--period", period, "--json"], standalone_mode=False)

    def synth(period: str) -> None:
        app(
            ["synth", "--out", inbox, "--period", period, "--persons", "3000", "--seed", "7"],
            standalone_mode=False,
        )

    synth(PERIOD)
    run(PERIOD, None)
    run(PERIOD, changed(folder / "for_centres.yml", for_centres))
    synth(NEXT)
    run(NEXT, changed(folder / "for_all.yml", for_all))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
