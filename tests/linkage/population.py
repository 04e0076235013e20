"""A small made-up population whose records change from period to period: households, twins, errors, borrowed numbers."""

import random
from datetime import date, timedelta

from tests.linkage.person_records import Record, person_number, record

GIVEN = ("Marit", "Kristin", "Odd", "Petter", "Łukasz", "Jørgen", "Fatima", "Nikolay", "Sahra", "Anne")
FAMILY = ("Hansen", "Bergland", "Nowak", "Ali", "Furuvold", "Dimitrov")
STREETS = ("Storgata", "Elvegata", "Kirkevegen", "Parkveien")
SOURCES = ("brreg", "nav", "skatteetaten", "politiet")


def population(seed: int, persons: int = 30) -> list[Record]:
    """One to four records of each person; several live together, and some are twins."""
    chance = random.Random(seed)
    records: list[Record] = []
    home = ("Storgata 1", "0150")
    born = date(1980, 3, 4)
    family = "Hansen"
    for person in range(persons):
        if chance.random() < 0.6:
            home = (f"{chance.choice(STREETS)} {chance.randint(1, 30)}", f"{chance.randint(100, 120):04}")
            family = chance.choice(FAMILY)
        if chance.random() < 0.9:
            born = date(1960, 1, 1) + timedelta(days=chance.randint(0, 14000))
        given = chance.choice(GIVEN)
        number = person_number(born, chance.randint(0, 20))
        for copy in range(chance.randint(1, 4)):
            described = record(
                chance.choice(SOURCES), f"{person:03}-{copy}", given_name=given, family_name=family, birth_date=str(born),
                street_address=home[0], postcode=home[1], identifier=number,
            )  # fmt: skip
            records.append(damaged(described, chance))
    return records


def next_period(records: list[Record], seed: int) -> list[Record]:
    """Some records go, some change, new ones come."""
    chance = random.Random(seed)
    kept = [damaged(r, chance) if chance.random() < 0.15 else r for r in records if chance.random() > 0.08]
    fresh = [
        r | {"source_record_id": f"new-{r['source_record_id']}"} for r in population(seed + 1000, persons=5)
    ]
    doubles = [
        damaged(r, chance) | {"source_record_id": f"again-{r['source_record_id']}"}
        for r in chance.sample(records, k=5)
    ]
    return kept + fresh + doubles


def damaged(described: Record, chance: random.Random) -> Record:
    damaged = dict(described)
    if chance.random() < 0.4:
        damaged["identifier"] = None
    if chance.random() < 0.05:
        damaged["identifier"] = person_number(date(1971, 5, 17), chance.randint(0, 2))
    if chance.random() < 0.1:
        damaged["given_name"] = str(damaged["given_name"])[:1]
    if chance.random() < 0.1:
        damaged["given_name"], damaged["family_name"] = damaged["family_name"], damaged["given_name"]
    for name in ("birth_date", "street_address", "postcode"):
        if chance.random() < 0.15:
            damaged[name] = None
    return damaged
