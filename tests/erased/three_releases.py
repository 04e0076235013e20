"""Three releases, with her erased after the second: python -m tests.erased.three_releases INBOX OUT.

Into OUT goes what the sweep finds before the erasure, after it, and at the end; and what each of the two is given to read.
"""

import json
import os
import sys
from pathlib import Path

from akrim import warehouse
from akrim.cli import app
from akrim.errors import UserError

from tests.erased import world
from tests.sweep import sweep


def main(inbox: Path, out: Path) -> None:
    out.mkdir()
    home = Path(os.environ["AKRIM_HOME"])
    persons: dict[str, str] = {}

    def note(name: str) -> None:
        found = sweep(home, [*world.WORDS, persons["her"]])
        (out / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))

    for period in world.PERIODS:
        for delivery in world.deliveries(period):
            delivery.write(inbox)
        if period == world.PERIODS[1]:
            world.decisions(persons).write(inbox)
        _run(inbox, period)
        if period == world.PERIODS[0]:
            persons |= {"her": _person_id("her"), "him": _person_id("him")}
            (out / "persons.json").write_text(json.dumps(persons))
            _say(
                "subject",
                "export",
                persons["her"],
                "--out",
                str(out / "her"),
                "--by",
                "Kari Vakt",
                "--purpose",
                "innsyn 1",
            )
            _dispute(persons["her"])
        if period == world.PERIODS[1]:
            # Somebody asked for what is held of her; what was written of that is over when she is erased.
            for event in ("hold", "release"):
                _say(
                    "retention",
                    event,
                    "person",
                    persons["her"],
                    "--by",
                    "Kari Vakt",
                    "--reason",
                    "Innsyn for Slettmark.",
                )
            note("before")
            _say("releases", "erase", persons["her"], "--by", "Kari Vakt", "--reason", "Sletting krevd.")
            note("erased")
    _say("retention", "apply")
    note("after")
    _say("corrections", "open", f"politiet/saker/{world.HIS_CASE}", "--by", "person", "--since", "2026-10-01",
         "--reason", "Feil person.", "--author", "kn", "--person", persons["him"])  # fmt: skip
    _say(
        "subject",
        "export",
        persons["him"],
        "--out",
        str(out / "him"),
        "--by",
        "Kari Vakt",
        "--purpose",
        "innsyn 2",
    )


def _dispute(her: str) -> None:
    """She disputes a fact, and a clerk decides that his record is not hers."""
    _say("corrections", "open", f"skatteetaten/restanser/{world.key('her')}", "--by", "person", "--since", "2026-01-10",
         "--reason", "Feil.", "--author", "kn", "--person", her)  # fmt: skip
    _say("link", "decide", f"skatteetaten/{world.key('her')}", f"skatteetaten/{world.key('him')}", "different",
         "--reason", "To personer.", "--author", "kn")  # fmt: skip


def _run(inbox: Path, period: str) -> None:
    """A world of two is held as implausible, by its match weights; it is let go."""
    try:
        _say("run", "--inbox", str(inbox), "--period", period, "--json")
    except UserError as held:
        if "on hold" not in str(held):
            raise
        _say("releases", "approve", f"{period}.1", "--by", "Kari Vakt", "--reason", "Et lite utvalg.")


def _say(*command: str) -> None:
    app(list(command), standalone_mode=False)


def _person_id(who: str) -> str:
    with warehouse.connect() as connection:
        query = "select person_id from linkage.person_records where source = 'skatteetaten' and source_record_id = %s"
        ((person_id,),) = connection.execute(query, [world.key(who)]).fetchall()
    return str(person_id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
