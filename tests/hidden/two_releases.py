"""Both releases of the world that hides people, made in one process: python -m tests.hidden.two_releases INBOX."""

import sys
from pathlib import Path

from akrim import warehouse
from akrim.cli import app

from tests.hidden import world


def main(inbox: Path) -> None:
    for period in world.PERIODS:
        for delivery in world.deliveries(period):
            delivery.write(inbox)
        if period != world.PERIODS[0]:
            world.decision(_person_id(f"PART{world.OPEN.number}")).write(inbox)
        app(["run", "--inbox", str(inbox), "--period", period, "--json"], standalone_mode=False)


def _person_id(part_id: str) -> str:
    with warehouse.connect() as connection:
        query = "select person_id from linkage.person_records where source_record_id = %s"
        ((person_id,),) = connection.execute(query, [part_id]).fetchall()
    return str(person_id)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
