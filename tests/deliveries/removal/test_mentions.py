"""What a centre wrote of somebody else is erased where it names the person who is, and only there."""

import psycopg
from akrim.deliveries import erase_rows
from akrim.releases.erasing.erased_rows import erase_from_marts

from tests.assessment.project import land
from tests.releases.tables import add, create_marts

HERS = [("politiet", "personer", "p1"), ("nav", "personer", "n1"), ("skatteetaten", "personer", "s1")]
IS_GONE = {
    "Se også kari testesen.": True,
    "TESTESEN, Kari kjører bilen": True,
    "Prøve-Ås heter hun hos NAV, Åse først": True,
    "Hun er\nPHERS2": True,
    "Kari Anne Prøve Eksempelsen følges": True,
    "Kari følges": False,
    "Testesen AS følges": False,
    "Karin Testesen følges": False,
    "PHERS22 følges": False,
}


def test_a_text_that_names_her_by_id_or_name_is_erased_and_no_other(warehouse: str) -> None:
    written = [
        {"beslutning_id": f"b{number}", "person_id": "P-HIS", "tiltak": text}
        for number, text in enumerate(IS_GONE)
    ]
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "prioritisations")
        land(
            connection,
            "politiet-2025-T3-01",
            "personer",
            [{"person_lopenr": "p1", "fornavn": "Kari", "etternavn": "Testesen"}],
        )
        land(connection, "nav-2025-T3-01", "personer", [{"nav_id": "n1", "navn": "PRØVE-ÅS, ÅSE M"}])
        land(
            connection,
            "skatteetaten-2025-T3-01",
            "personer",
            [{"part_id": "s1", "fornavn": "Kari Anne", "mellomnavn": "Prøve", "etternavn": "Eksempelsen"}],
        )
        land(connection, "sentrene-2025-T3-01", "beslutninger", written)
        for row in written:
            add(
                connection,
                "prioritisations",
                release_id="2025-T3.1",
                decision_id=row["beslutning_id"],
                person_id="P-HIS",
                actions=row["tiltak"],
            )
        erased = erase_rows(connection, HERS, ["PHERS1", "PHERS2"])
        erase_from_marts(connection, ["PHERS1", "PHERS2"], erased)
        landed = connection.execute(
            "select tiltak from landing.sentrene_beslutninger order by beslutning_id"
        ).fetchall()
        told = connection.execute("select actions from marts.prioritisations order by decision_id").fetchall()
    assert landed == told == [(None if is_gone else text,) for text, is_gone in IS_GONE.items()]
