"""Releases of one synthetic world under sharing matrices, made in one process: python -m tests.sharing.gated_releases FOLDER.

All lines in force; then nothing of NAV's nationally; then nothing of NAV's for centres, and the police as a hit for Oslo; then for
Trondheim nothing but the register, inspections and decisions, and nationally nothing at all, twice: the second time with other values in
what is not told; then no benefit cases for the assessment, and NAV's next delivery received under that.
"""

import os
import sys
from pathlib import Path

from akrim.cli import app
from akrim.contracts import NATIONAL, centres
from akrim.settings import get_settings
from akrim.sharing.matrix import ASSESSMENT, CENTRES

from tests.sharing.altered_deliveries import redeliver
from tests.sharing.matrices import Lines, changed, hit_for, without, without_for

# The years before have the most of what the rules count, in so small a world.
PERIOD, NEXT = "2022-T3", "2023-T1"
OPEN, NO_NAV, FOR_CENTRES, BEFORE, ALTERED = (f"{PERIOD}.{revision}" for revision in (1, 2, 3, 4, 5))
FOR_ALL = f"{NEXT}.1"
HIT, CLOSED = "oslo", "trondheim"


def no_nav(lines: Lines) -> Lines:
    return without(lines, "nav", to=NATIONAL)


def for_centres(lines: Lines) -> Lines:
    others = [centre for centre in centres() if centre != HIT]
    return hit_for(without(lines, "nav", to=CENTRES), "politiet", HIT, others)


def for_one(lines: Lines) -> Lines:
    for agency in ("nav", "politiet", "skatteetaten"):
        lines = without_for(lines, agency, CLOSED)
    return [line for line in lines if NATIONAL not in line["to"]]


def for_all(lines: Lines) -> Lines:
    return without(lines, "nav", "benefit", to=ASSESSMENT)


def main(folder: Path) -> None:
    inbox = folder / "inbox"

    def say(*command: str) -> None:
        app(list(command), standalone_mode=False)

    def run(period: str, matrix: Path | None) -> None:
        if matrix:
            os.environ["AKRIM_SHARING"] = str(matrix)
        get_settings.cache_clear()
        say("run", "--inbox", str(inbox), "--period", period, "--json")

    def synth(period: str) -> None:
        say("synth", "--out", str(inbox), "--period", period, "--persons", "3000", "--seed", "7")

    synth(PERIOD)
    run(PERIOD, None)
    run(PERIOD, changed(folder / "no_nav.yml", no_nav))
    run(PERIOD, changed(folder / "for_centres.yml", for_centres))
    run(PERIOD, changed(folder / "for_one.yml", for_one))
    again = redeliver(inbox, PERIOD)
    run(PERIOD, None)
    for delivery_id in again:
        say("deliveries", "withdraw", delivery_id, "--by", "Kari Vakt", "--reason", "Var til prøve.")
    synth(NEXT)
    run(NEXT, changed(folder / "for_all.yml", for_all))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
