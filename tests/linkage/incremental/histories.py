"""Periods of person records of which each changes what may change another's link, and clerks' verdicts between them."""

import random
from datetime import date, timedelta

from akrim.linkage import review
from akrim.linkage.review.decisions import RecordKey

from tests.linkage.conftest import read
from tests.linkage.person_records import Record, person_number, record
from tests.linkage.population import damaged, population


def namesakes(chance: random.Random, births: int) -> list[Record]:
    """Records of one full name and a birth date each, and two who have it as part of a double name."""
    days = [date(1950, 1, 1) + timedelta(days=997 * n) for n in range(births)]
    sources = ("nav", "brreg")
    alike = [
        record(chance.choice(sources), f"namesake-{n}", given_name="Odd", family_name="Nilsen", birth_date=str(day))
        for n, day in enumerate(days)
    ]  # fmt: skip
    double = [
        record("nav", f"namesake-{family}", given_name="Odd", family_name=family, birth_date="1949-05-06")
        for family in ("Bakke Nilsen", "Nilsen Bakke")
    ]
    return alike + double


def lodgers(chance: random.Random, names: int) -> list[Record]:
    """Differently named people at one address, some with one phone, which one has who lives elsewhere; one of the lodgers is
    recorded elsewhere too, by number."""
    number = person_number(date(1974, 2, 11))
    there = [
        record("nav", f"lodger-{n}", given_name=given, family_name=family, street_address="Brakkeveien 1", postcode="0150",
            phone="40000001" if n % 3 == 0 else None, identifier=None if n else number,
            birth_date=str(date(1970, 1, 1) + timedelta(days=chance.randint(0, 9000))) if n else "1974-02-11")
        for n, (given, family) in enumerate(zip(("Jan", "Per", "Kim", "Tor", "Leif", "Rolf", "Geir", "Stig", "Finn", "Knut"),
            ("Moe", "Lie", "Dahl", "Berg", "Hagen", "Strand", "Vik", "Foss", "Rud", "Krog"), strict=True))
        if n < names
    ]  # fmt: skip
    elsewhere = record("brreg", "lodger-0", given_name="Jan", family_name="Moe", identifier=number)
    return [
        *there,
        elsewhere,
        record("nav", "caller", given_name="Unn", family_name="Haga", phone="40000001"),
    ]


def drawn_apart(period: int) -> list[Record]:
    """One without a number gets one in the end, by whom it joins. Of three alike whose numbers are others one has changed by then in
    its letters' case alone, a record that was another's comes back as somebody else, and one is still."""
    name: dict[str, str | None] = {"given_name": "Jan", "family_name": "Hansen", "postcode": "9600"}
    home: dict[str, str | None] = {"street_address": "Havnegata 3", "phone": "91234567"}
    first, second, joining = date(1962, 8, 9), date(1950, 2, 7), date(1975, 1, 19)
    one = record(
        "nav",
        "one",
        **name,
        birth_date=str(first),
        identifier=person_number(first),
        street_address="Elvegata 9",
    )
    other = name | {"birth_date": str(second), "identifier": person_number(second)}
    still = name | {"birth_date": "1944-04-03", "identifier": person_number(date(1944, 4, 3))}
    stands = [
        record("nav", key, **said)
        for key, said in (("drawn", name | home), ("other", other), ("still", still))
    ]
    if period == 0:
        return [*stands, one, record("brreg", "lost", **other)]
    if period < 3:
        return [*stands, one | {"extract": "renamed"}]
    number = person_number(joining)
    return [
        *stands, one | {"extract": "renamed", "street_address": "ELVEGATA 9"},
        record("brreg", "lost", given_name="Sahra", family_name="Ali", birth_date="1999-12-24"),
        record("skatteetaten", "joins", **name, **home, birth_date=str(joining), identifier=number),
    ]  # fmt: skip


def tied(period: int) -> list[Record]:
    """D-numbers and the numbers that they became: tied, met by one more record of either alone, claimed by two, and free again."""
    days = date(1985, 8, 24), date(1991, 6, 3)
    d_numbers = [person_number(day, d_number=True) for day in days]
    numbers = [person_number(day, 1) for day in days]
    one, other = (
        {"given_name": given, "family_name": "Dimitrov", "birth_date": str(day)}
        for given, day in zip(("Hristo", "Ivana"), days, strict=True)
    )
    there = [
        record("nav", "tied-d", **one, identifier=d_numbers[0]),
        record("skatteetaten", "tied-n", **one, identifier=numbers[0], previous_identifier=d_numbers[0] if period else None),
        record("nav", "claimed-d", **other, identifier=d_numbers[1] if period < 3 else "1"),
        record("skatteetaten", "claimed-n", **other, identifier=numbers[1], previous_identifier=d_numbers[1]),
    ]  # fmt: skip
    if period >= 2:
        there.append(record("brreg", "tied-d", **one, identifier=d_numbers[0]))
    if period == 3:
        there.append(record("arbeidstilsynet", "tied-n", **one, identifier=numbers[0]))
    if period == 1:
        again = person_number(days[1], 2)
        there.append(
            record("politiet", "claims", **other, identifier=again, previous_identifier=d_numbers[1])
        )
    return there


def in_doubt(period: int) -> list[Record]:
    """One who fits two persons alike is parked, until one of them grows by a record that she does not fit."""
    born = date(1985, 6, 14)
    name: dict[str, str | None] = {
        "given_name": "Borghild",
        "family_name": "Skarvoll",
        "birth_date": str(born),
    }
    home: dict[str, str | None] = {"postcode": "0450", "street_address": "Granveien 9"}
    first, second = person_number(born, 1), person_number(born, 2)
    there = [
        record("nav", "first", **name, **home, identifier=first, phone="95550011"),
        record("brreg", "second", **name, **home, identifier=second),
        record("politiet", "either", **name, **home),
    ]
    if period >= 2:
        mistyped = first[:7] + first[8] + first[7] + first[9:]
        there.append(
            record("arbeidstilsynet", "grows", given_name="Borghild", family_name="Tangen", identifier=mistyped, phone="95550011")
        )  # fmt: skip
    return there


def drawn_by_one_who_stood(period: int) -> list[Record]:
    """One without a number is joined in the end by one who was somebody else so long; of those alike one is still and one has gone
    by then. The one who is still is also recorded elsewhere in time, beside one of her family."""
    name: dict[str, str | None] = {"given_name": "Anne", "family_name": "Johansen", "postcode": "9008"}
    home: dict[str, str | None] = {"street_address": "Havnegata 5", "phone": "91234577"}
    moved: dict[str, str | None] = {"street_address": "Granli 7", "postcode": "3081", "phone": "90000007"}
    days = date(1974, 1, 19), date(1943, 4, 3), date(1931, 9, 30)
    joining, still, leaving = ({"birth_date": str(day), "identifier": person_number(day, 3)} for day in days)
    elsewhere = {"given_name": "Anna", "family_name": "Johansen", "postcode": "0150"}
    there = [
        record("nav", "drawn-later", **name, **home),
        record("skatteetaten", "stood", **joining, **(name | home if period == 3 else elsewhere)),
        record("nav", "is-still", **name, **still),
        record("nav", "is-family", **moved, given_name="Siri", family_name="Johansen"),
    ]
    if period < 3:
        there.append(record("nav", "leaves", **name, **leaving))
    if period >= 2:
        there.append(record("politiet", "is-still-elsewhere", **(name | moved), **still))
    return there


def in_doubt_later(period: int) -> list[Record]:
    """One who fits a person's one record, but not the person, is parked when two come whom she fits alike."""
    born = date(1971, 2, 23)
    name: dict[str, str | None] = {
        "given_name": "Borghild",
        "family_name": "Lindqvist",
        "birth_date": str(born),
    }
    home: dict[str, str | None] = {"postcode": "0650", "street_address": "Granveien 19"}
    other: dict[str, str | None] = {
        "given_name": "Borghild", "family_name": "Moen", "phone": "95550022", "street_address": "Myrveien 1", "postcode": "0651"
    }  # fmt: skip
    day = date(1950, 11, 2)
    there = [
        record("politiet", "fits-later", **name, **home, phone="95550022"),
        record("nav", "fits-one", **other),
        record("nav", "fits-none", **other, birth_date=str(day), identifier=person_number(day)),
    ]
    if period == 3:
        there += [
            record(source, "doubted", **name, **home, identifier=person_number(born, serial))
            for serial, source in enumerate(("nav", "brreg"))
        ]
    return there


def bridged(period: int) -> list[Record]:
    """Two records that one between them holds together, until it is gone."""
    name: dict[str, str | None] = {
        "given_name": "Marit",
        "birth_date": "1980-03-05",
        "family_name": "Bergland",
    }
    home: dict[str, str | None] = {"street_address": "Svaleveien 12", "postcode": "3081", "phone": "92896980"}
    between = [record("nav", "between", **name, **home)] if period < 2 else []
    return [
        record("nav", "near", **name),
        *between,
        record("nav", "far", **home, given_name="Marit", family_name="Rognlid"),
    ]


def given_away(period: int) -> list[Record]:
    """Keys that an agency gives to somebody else: a new person, one who is known by another record, and each other's, and back."""
    names = (
        ("Turid", "Aasen"),
        ("Roar", "Molvik"),
        ("Gunn", "Sletten"),
        ("Eivind", "Tveit"),
        ("Hilde", "Krogstad"),
    )
    bearers: list[dict[str, str | None]] = [
        {
            "given_name": given,
            "family_name": family,
            "birth_date": str(born),
            "identifier": person_number(born),
        }
        for n, (given, family) in enumerate(names)
        for born in (date(1961 + 4 * n, 1 + n, 3 + n),)
    ]
    # Whose key-0 to key-2 are.
    of = ((0, 1, 2), (3, 2, 1), (4, 2, 1), (4, 1, 2))[period]
    return [
        *(record("nav", f"key-{key}", **bearers[bearer]) for key, bearer in enumerate(of)),
        record("brreg", "key-4", **bearers[4]),
    ]


def history(seed: int) -> list[list[Record]]:
    """Period after period: most stays, some goes, comes back, changes or is new; an address and a phone are shared by
    more and fewer, and a name becomes common and rare again."""
    chance = random.Random(seed)
    settled = population(seed, persons=90)
    periods = []
    for period, (names, births) in enumerate(((6, 29), (9, 32), (5, 28), (8, 31))):
        fresh = [
            r | {"source_record_id": f"{period}-{r['source_record_id']}"}
            for r in population(seed + 50 + period, persons=2)
        ]
        doubles = [
            damaged(r, chance) | {"source_record_id": f"again-{period}-{r['source_record_id']}"}
            for r in chance.sample(settled, k=3)
        ]
        there = [r for r in settled if chance.random() > 0.03]
        periods.append(
            there
            + fresh
            + doubles
            + lodgers(random.Random(seed), names)
            + namesakes(random.Random(seed), births)
            + drawn_apart(period)
            + tied(period)
            + in_doubt(period)
            + drawn_by_one_who_stood(period)
            + in_doubt_later(period)
            + bridged(period)
            + given_away(period)
        )
        settled = [damaged(r, chance) if chance.random() < 0.02 else r for r in settled] + fresh
    return periods


def give_verdicts(chance: random.Random) -> None:
    """On three pairs that were weighed, decided on before or not, and on two records of one number."""
    weighed = read(
        "select source_l, source_record_id_l, source_r, source_record_id_r from linkage.findings"
        " where valid_to_release is null and match_weight is not null order by 1, 2, 3, 4"
    )
    decided = read(
        "select source_l, source_record_id_l, source_r, source_record_id_r from linkage.standing_verdicts order by 1, 2, 3, 4"
    )
    of_one_number = read(
        "select l.source, l.source_record_id, r.source, r.source_record_id from linkage.memberships l join linkage.memberships r"
        " on r.same_number_as = l.same_number_as and (l.source, l.source_record_id) < (r.source, r.source_record_id)"
        " where l.valid_to_release is null and r.valid_to_release is null order by 1, 2, 3, 4"
    )
    for source_l, id_l, source_r, id_r in [
        *chance.sample(weighed, k=2),
        chance.choice(decided or weighed),
        chance.choice(of_one_number),
    ]:
        one, other = RecordKey(str(source_l), str(id_l)), RecordKey(str(source_r), str(id_r))
        review.decide(one, other, chance.choice(("same", "different", "unsure")), "By chance", "a clerk")
