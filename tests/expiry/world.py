"""An installation of three years: police deliveries received for real, four releases with files and marts, links, and a clock to move.

P-GONE and P-HELD are known from the oldest deliveries and releases alone; P-STAYS is in the newest, too.
"""

from datetime import date
from pathlib import Path

import psycopg
from akrim.deliveries import receive
from akrim.keys import create_keys
from akrim.periods import Period
from akrim.sending import deliver

from expectations import suite_for
from tests.deliveries.building import Delivery, base_row, delta_delivery
from tests.ledger.entering import enter_release, enter_run
from tests.releases.tables import add, create_marts
from tests.trust.conftest import make_release

OLDEST, OLD, FIRST, SECOND = "2023-T2.1", "2023-T3.1", "2025-T3.1", "2026-T1.1"
RELEASES = (OLDEST, OLD, FIRST, SECOND)
GONE, HELD, STAYS = "P-GONE", "P-HELD", "P-STAYS"
RECORD_OF = {GONE: "PERSONER1", HELD: "PERSONER2", STAYS: "PERSONER3"}
TODAY, NEWEST = date(2026, 11, 26), date(2040, 1, 1)
DELIVERED = {
    "2023-T3": "2024-01-05",
    "2024-T3": "2025-01-05",
    "2025-T3": "2026-01-05",
    "2026-T1": "2026-05-05",
}
MARTS = (
    "persons",
    "named_persons",
    "release_persons",
    "assessments",
    "indicator_observations",
    "enterprises",
)


def build(address: str, home: Path, inbox: Path) -> None:
    """Receive, publish and send; the newest release is in force."""
    create_keys()
    for period in DELIVERED:
        delivery(period).write(inbox)
    outcomes = receive(str(inbox), "politiet", suite_for)
    assert [outcome.status for outcome in outcomes] == ["accepted"] * len(DELIVERED), outcomes
    with psycopg.connect(address) as connection:
        create_marts(connection, *MARTS)
        connection.execute(
            "update meta.deliveries set received_at = delivered_at where status = 'accepted'"
        )  # as if each had been received when it came
    for serial, release_id in enumerate(RELEASES, start=1):
        make_release(home, release_id, serial)
        _enter(address, release_id, serial)
        deliver()


def delivery(period: str) -> Delivery:
    """All three in the first; from the second year the last alone. Of the oldest a row is set aside."""
    at = {"delivered_at": f"{DELIVERED[period]}T06:00:00+01:00"}
    if period == "2026-T1":
        rows = {"saker": [base_row("politiet", "saker", 9) | {"anmeldt_dato": "01.02.2026"}]}
        return delta_delivery("politiet", rows, period=period, number=1, manifest=at)
    persons = [1, 2, 3] if period == "2023-T3" else [3]
    extracts = {
        name: [base_row("politiet", name, n) for n in persons] for name in ("personer", "saker", "involverte")
    }
    for row in (row for name in ("saker",) for row in extracts[name]):
        row |= {"anmeldt_dato": "01.02.2022", "avgjorelse": "", "avgjorelse_dato": ""}
    for row, n in zip(extracts["involverte"], persons, strict=True):
        row |= {"saksnummer": f"SAKER{n}", "person_lopenr": f"PERSONER{n}"}
    if period == "2023-T3":
        extracts["saker"].append(base_row("politiet", "saker", 8) | {"anmeldt_dato": "sist vinter"})
    return Delivery("politiet", period=period, rows=extracts, manifest=at)


def _enter(address: str, release_id: str, serial: int) -> None:
    period = Period.parse(release_id.partition(".")[0])
    delivered = {
        "2023-T2": [],
        "2023-T3": ["2023-T3"],
        "2025-T3": ["2025-T3"],
        "2026-T1": ["2025-T3", "2026-T1"],
    }
    ids = [{"delivery_id": f"politiet-{p}-01", "manifest_sha256": ""} for p in delivered[str(period)]]
    pins = {
        "settings": {"data_mode": "synthetic", "language": "nb"},
        "deliveries": {"politiet": ids},
        "model": "m",
        "code": "",
    }
    previous = RELEASES[serial - 2] if serial > 1 else None
    with psycopg.connect(address) as connection:
        enter_release(
            connection, release_id, pins=pins, serial=serial, published_at=period.next.start,
            base_release_id=previous, previous_release_id=previous,
        )  # fmt: skip
        enter_run(connection, release_id)
        persons = [GONE, HELD, STAYS] if release_id in (OLDEST, OLD) else [STAYS]
        if release_id == OLDEST:
            _link(connection, persons)
            _judge(connection)
        for person_id in persons:
            _tell(connection, release_id, person_id)


def _link(connection: psycopg.Connection, persons: list[str]) -> None:
    """Their records belong to them from the oldest release on; the run of the next one ended those of the first two."""
    for person_id in persons:
        connection.execute(
            "insert into linkage.memberships (source, extract, source_record_id, content_digest, person_id, link_kind,"
            " valid_from_release, valid_to_release) values ('politiet', 'personer', %s, '', %s, 'single', %s, %s)",
            [RECORD_OF[person_id], person_id, OLDEST, None if person_id == STAYS else OLD],
        )
        connection.execute(
            "insert into linkage.persons (person_id, release_id, first_record_key) values (%s, %s, %s)",
            [person_id, OLDEST, f"politiet/{RECORD_OF[person_id]}"],
        )
    connection.execute(
        "insert into linkage.findings (source_l, source_record_id_l, source_r, source_record_id_r, outcome, threshold, steps,"
        " valid_from_release, valid_to_release) values ('politiet', 'PERSONER1', 'politiet', 'PERSONER3', 'below_threshold', 1,"
        " '{}', %s, %s)",
        [OLDEST, OLD],
    )


def _judge(connection: psycopg.Connection) -> None:
    """Clerks kept the first two apart from the last, long ago; and what was said of protected addresses."""
    connection.execute(
        "insert into linkage.link_decisions (source_l, source_record_id_l, source_r, source_record_id_r, verdict, reason, author,"
        " decided_at) select 'politiet', key, 'politiet', 'PERSONER3', 'different', 'Ulik ' || key, 'kn', '2014-05-05 12:00Z'"
        " from unnest(array['PERSONER1', 'PERSONER2']) as key"
    )
    stays = base_row("politiet", "personer", 3)
    for key, number, street, postcode in (
        ("PERSONER1", None, "Skjulveien 1", "9990"),
        ("PERSONER2", None, "Skjulveien 2", "9990"),
        ("PERSONER3", None, None, None),
        ("NUMBER", stays["ident"], None, None),
        ("ADDRESS", None, stays["adresse"].upper(), stays["postnummer"]),
    ):
        connection.execute(
            "insert into landing.protection_statements values ('politiet-2023-T3-01', 'politiet', 'personer', %s, false,"
            " 'fortrolig', %s, null, %s, %s)",
            [key, number, street, postcode],
        )


def _tell(connection: psycopg.Connection, release_id: str, person_id: str) -> None:
    """The person's rows in the release, named to Oslo; the held one to Bergen."""
    centre = "bergen" if person_id == HELD else "oslo"
    about = {"release_id": release_id, "person_id": person_id}
    add(connection, "persons", full_name=f"Navn {person_id}", **about)
    add(connection, "assessments", centre_id=centre, rank=1, total_points=10, **about)
    add(connection, "named_persons", centre_id=centre, named_because="listed", **about)
    add(
        connection,
        "enterprises",
        release_id=release_id,
        orgnr="200000012",
        enterprise_name=f"FORETAK {person_id}",
    )
