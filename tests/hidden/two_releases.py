"""Both releases of the world that hides people: python -m tests.hidden.two_releases INBOX."""

import subprocess
import sys
from pathlib import Path

from akrim import warehouse
from akrim.cli import app
from akrim.settings import get_settings
from openpyxl import load_workbook

from tests.hidden import canaries, world
from tests.installation import AKRIM

FIRST = f"{world.PERIODS[0]}.1"
TAX, POLICE = "skatteetaten/PART{0}", "politiet/PERSONER{0}"


def main(inbox: Path) -> None:
    for period in world.PERIODS:
        deliveries = world.deliveries(period)
        if period != world.PERIODS[0]:
            deliveries.append(world.decision(_person_id(world.OPEN)))
            canaries.plant(deliveries)
            deliveries += canaries.bad_deliveries()
            _answer(inbox)
        for delivery in deliveries:
            delivery.write(inbox)
        _run("--inbox", str(inbox), "--period", period, "--json")


def _run(*arguments: str) -> None:
    """As an operator does it: a process each, so that Airflow's tables are seen in both."""
    sys.stdout.flush()
    subprocess.run([*AKRIM, "run", *arguments], check=True)


def akrim(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


def _answer(inbox: Path) -> None:
    """What people do between two releases: decide on a list, judge a link, open a case, look at somebody."""
    form = get_settings().home / "releases" / FIRST / "oslo" / "prioritisation.xlsx"
    persons = [row[0].value for row in load_workbook(form)["beslutninger"].iter_rows(min_row=2)]
    assert persons
    canaries.return_form(form, inbox / "sentrene" / "svar.xlsx", row=2)
    reason, purpose = canaries.word("case"), canaries.word("purpose")
    number = canaries.IN_A_REASON
    akrim("link", "decide", TAX.format(world.CLIENT.number), POLICE.format(world.OPEN.number), "different",
          "--reason", f"{canaries.word('verdict')} {number}", "--author", "kn")  # fmt: skip
    akrim("corrections", "open", "nav/saker/SAKER1", "--by", "agency", "--since", "2026-02-01",
          "--reason", f"{reason} {number}", "--author", "kn")  # fmt: skip
    akrim("explain", _person_id(world.OPEN), "--purpose", f"{purpose} {number}")


def _person_id(person: world.Somebody) -> str:
    with warehouse.connect() as connection:
        query = "select person_id from linkage.person_records where source_record_id = %s"
        ((person_id,),) = connection.execute(query, [f"PART{person.number}"]).fetchall()
    return str(person_id)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
