"""Both releases of the golden world, made in one process: python -m tests.golden.two_releases INBOX.

A first release of the deliveries, the centres' decisions on it, and the release that knows them. Each is a whole `akrim run`;
what it tells is a line of JSON. One process, because half of a small run is Airflow getting up.
"""

import os
import sys
from pathlib import Path

from akrim import warehouse
from akrim.cli import app

from tests.golden import world


def main(inbox: Path) -> None:
    run = ["run", "--inbox", str(inbox), "--period", world.PERIOD, "--json"]
    # What happened is older than the rules look back, so nearly everybody comes onto the lists by decision, all at once.
    limits = inbox.parent / "limits.yml"
    limits.write_text(f"actors: {{most_share: {world.ACTORS}}}", encoding="utf-8")
    os.environ["AKRIM_LIMITS"] = str(limits)
    world.write(world.build(), inbox)
    app(run, standalone_mode=False)
    world.decisions(_person_ids()).write(inbox)
    app(run, standalone_mode=False)


def _person_ids() -> dict[int, str]:
    """By the person's number, the id that the first release gave; nobody was taken for another."""
    with warehouse.connect() as connection:
        by_record = dict(
            connection.execute(
                "select source_record_id, person_id from linkage.person_records where source = 'skatteetaten'"
            ).fetchall()
        )
    persons = {n: by_record[f"PERSONER{n + 1}"] for n in range(world.ACTORS + world.DISMISSED)}
    assert len(set(persons.values())) == len(persons)
    return persons


if __name__ == "__main__":
    main(Path(sys.argv[1]))
