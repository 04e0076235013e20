"""The golden world: raw deliveries whose situation table is known by construction, and in which naive counting inflates.

102 actors, of whom 80 threat actors; 39, 73 and 46 of them were linked to an inspection, reported, and leaders at a
bankruptcy; 941 cases, 140 convictions, 250 dropped for the evidence, from 2014 to 2019. Around each true count lie
the ways to get it wrong: one person in several agencies' registers, twice in the police's, first by D-number and then by
fødselsnummer; several suspects in a case; the same matter reported by two agencies; events a day outside the window
or a role a day too short; acquittals; and people who are no actors.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.deliveries.building import BASE, Delivery, base_row, organisation_numbers, person_number

PERIOD = "2025-T3"
FIRST_RELEASE, SECOND_RELEASE = "2025-T3.1", "2025-T3.2"
ACTORS, THREAT_ACTORS, DISMISSED, BYSTANDERS = 102, 80, 6, 30
INSPECTED, REPORTED, BANKRUPT = range(39), range(20, 93), range(50, 96)
# Of those reported, these are known from an agency's report alone; the police have no case.
BY_TAX_ALONE, BY_NAV_ALONE = (20, 21, 22), (23, 24)
CASES, CONVICTIONS, DROPPED_FOR_EVIDENCE = 941, 140, 250
OTHER_OUTCOMES = (
    "",
    "forelegg",
    "frifinnelse",
    "henlagt_kapasitet",
    "paataleunnlatelse",
    "overfort",
    "henlagt_annet",
)
FIRST_DAY, LAST_DAY = date(2014, 1, 1), date(2019, 12, 31)
DAY_BEFORE, DAY_AFTER = FIRST_DAY - timedelta(1), LAST_DAY + timedelta(1)
# A key threat actor of Oslo whose role in a failing enterprise a bystander of Oslo, who is on no list, took over.
GIVER, TAKER = 56, ACTORS + DISMISSED + 12
# Where they live: a kommune and a postcode of it, by centre.
PLACES = {
    "oslo": ("0301", "0150"),
    "bergen": ("4601", "5003"),
    "trondheim": ("5001", "7010"),
    "bodo": ("1804", "8003"),
}
# Nobody lives here; some lead an enterprise here besides, and so stand in that centre's part too.
SECOND_PLACE = {"stavanger": ("1103", "4006")}
DISMISSED_THERE, OF_INTEREST_THERE = (3, 7, 11), (83, 87, 91)
GIVEN = (
    "Aksel",
    "Birgit",
    "Cato",
    "Dagny",
    "Eskil",
    "Frøydis",
    "Gaute",
    "Hedda",
    "Ivar",
    "Jorunn",
    "Kåre",
    "Liv",
)
FAMILY = ("Aasland", "Bratlie", "Dahlum", "Egeland", "Fjeldstad", "Grimsrud", "Haugerud", "Ihlen", "Kolstø", "Lønning", "Myklebust")  # fmt: skip
STREETS = ("Prøveveien", "Øvelsesgata", "Mønsterstien", "Testkroken")


@dataclass(frozen=True)
class Person:
    """Somebody in the world; `number` also numbers the enterprise that is theirs."""

    number: int

    @property
    def birth(self) -> date:
        return date(1958, 1, 5) + timedelta(97 * self.number)

    @property
    def given(self) -> str:
        return GIVEN[self.number % len(GIVEN)]

    @property
    def family(self) -> str:
        return FAMILY[self.number % len(FAMILY)]

    @property
    def ident(self) -> str:
        return person_number(0, birth=self.birth)

    @property
    def had_d_number(self) -> bool:
        return self.number % 5 == 0

    @property
    def d_number(self) -> str:
        return person_number(0, birth=self.birth, is_d_number=True)

    @property
    def older_ident(self) -> str:
        """What agencies that heard of the person early go by."""
        return self.d_number if self.had_d_number else self.ident

    @property
    def centre(self) -> str:
        return list(PLACES)[self.number % len(PLACES)]

    @property
    def address(self) -> dict[str, str]:
        municipality, postcode = PLACES[self.centre]
        street = f"{STREETS[self.number % len(STREETS)]} {self.number + 1}"
        return {"adresse": street, "postnummer": postcode, "kommunenummer": municipality}


@dataclass
class World:
    """Every agency's rows."""

    rows: dict[str, dict[str, list[dict[str, Any]]]] = field(
        default_factory=lambda: {
            agency: {extract: [] for extract in extracts} for agency, extracts in BASE.items()
        }
    )
    people: list[Person] = field(
        default_factory=lambda: [Person(n) for n in range(ACTORS + DISMISSED + BYSTANDERS)]
    )
    orgnrs: Iterator[str] = field(default_factory=organisation_numbers)

    def add(self, agency: str, extract: str, **values: Any) -> str:
        """One more row, sound but for what is said; its key."""
        listed = self.rows[agency][extract]
        row = base_row(agency, extract, len(listed) + 1) | values
        listed.append(row)
        return str(next(iter(row.values())))

    def enterprise(self, place: str, **values: Any) -> str:
        orgnr = next(self.orgnrs)
        municipality, postcode = (PLACES | SECOND_PLACE)[place]
        address = {"adresse": [f"Industriveien {orgnr[-4:]}"], "postnummer": postcode, "poststed": place.upper(), "kommunenummer": municipality}  # fmt: skip
        self.add("brreg", "enheter", organisasjonsnummer=orgnr, navn=f"FORETAK {orgnr} AS", stiftelsesdato="2010-01-01",
                 registreringsdatoEnhetsregisteret="2010-02-01", forretningsadresse=address | {"landkode": "NO"}, **values)  # fmt: skip
        return orgnr

    def role(
        self, person: Person, orgnr: str, start: date, end: date | None = None, code: str = "DAGL"
    ) -> None:
        described = {"fodselsnummer": person.ident, "fodselsdato": str(person.birth), "navn": {"fornavn": person.given, "etternavn": person.family}}  # fmt: skip
        until = {"til": str(end)} if end else {}
        self.add("brreg", "roller", organisasjonsnummer=orgnr, type={"kode": code}, person=described, fra=str(start), **until)  # fmt: skip

    def inspect(self, orgnr: str, day: date) -> str:
        return self.add("arbeidstilsynet", "tilsyn", orgnr=orgnr, dato=str(day))

    def case(self, day: date, outcome: str = "", **values: Any) -> str:
        decided = f"{day + timedelta(400):%d.%m.%Y}" if outcome else ""
        return self.add("politiet", "saker", anmeldt_dato=f"{day:%d.%m.%Y}", avgjorelse=outcome, avgjorelse_dato=decided,
                        **{"anmelder": "politiet", "anmelder_ref": ""} | values)  # fmt: skip

    def involve(self, case: str, record: str, role: str) -> None:
        self.add("politiet", "involverte", saksnummer=case, person_lopenr=record, rolle=role)

    def deliveries(self) -> list[Delivery]:
        return [
            Delivery(agency, PERIOD, rows=rows) for agency, rows in self.rows.items() if agency != "sentrene"
        ]


@dataclass(frozen=True)
class Known:
    """One person's record ids at the agencies that know people by records."""

    tax: str
    nav: str
    police: tuple[str, str]


def build() -> World:
    """Everything but the decisions, which need the person ids of the first release."""
    world = World()
    known = {person.number: _records(world, person) for person in world.people}
    for person in world.people:
        _inspections(world, person)
        _bankruptcies(world, person)
    _agency_reports(world, known)
    _cases(world, known)
    _handover(world, world.people[GIVER], world.people[TAKER])
    for number in (*DISMISSED_THERE, *OF_INTEREST_THERE):
        world.role(world.people[number], world.enterprise("stavanger"), date(2021, 1, 1))
    return world


def decisions(person_ids: dict[int, str]) -> Delivery:
    """What the centres decided on the first release.

    Args:
        person_ids: by the person's number, the id that the first release gave.
    """
    rows: list[dict[str, Any]] = []

    def decide(number: int, status: str, day: str, centre: str = "", **change: str) -> None:
        row = base_row("sentrene", "beslutninger", len(rows) + 1)
        rows.append(row | {"senter": centre or Person(number).centre, "release_id": FIRST_RELEASE, "person_id": person_ids[number],
                           "status": status, "besluttet_dato": day} | change)  # fmt: skip

    for number in range(ACTORS):
        decide(number, "avskrevet" if number % 9 == 0 else "av_interesse", "2026-01-02")
        serious = "sentral_trusselaktor" if number % 4 == 0 else "trusselaktor"
        lesser = "potensiell_trusselaktor" if number % 2 == 0 else "av_interesse"
        decide(
            number,
            serious if number < THREAT_ACTORS else lesser,
            "2026-01-03",
            kapasitet_endring=_change(number),
        )
    for number in range(ACTORS, ACTORS + DISMISSED):
        decide(number, "trusselaktor", "2026-01-02")
        decide(number, "avskrevet", "2026-01-03")
    # Another centre sees the same person otherwise: still one actor, with the more serious status.
    for dismissed, of_interest in zip(DISMISSED_THERE, OF_INTEREST_THERE, strict=True):
        decide(dismissed, "avskrevet", "2026-01-04", centre="stavanger")
        decide(of_interest, "av_interesse", "2026-01-04", centre="stavanger")
    return Delivery("sentrene", PERIOD, mode="delta", rows={"beslutninger": rows})


def write(world: World, inbox: Path) -> None:
    for delivery in world.deliveries():
        delivery.write(inbox)


def _change(number: int) -> str:
    return ("redusert", "uendret", "okt", "ikke_vurdert")[number % 4]


def _records(world: World, person: Person) -> Known:
    """The same person at three agencies, and twice with the police: by the D-number of old and by today's number."""
    names = {"fornavn": person.given, "etternavn": person.family}
    birth = {"fodselsdato": str(person.birth)}
    earlier = person.d_number if person.had_d_number else ""
    tax = world.add("skatteetaten", "personer", ident=person.ident, tidligere_ident=earlier, mellomnavn="",
                    telefon=f"4{person.number:07}", **names, **birth, **person.address)  # fmt: skip
    nav = world.add("nav", "personer", ident=person.older_ident, navn=f"{person.family}, {person.given}".upper(),
                    postnummer=person.address["postnummer"], **birth)  # fmt: skip
    home = {name: person.address[name] for name in ("adresse", "postnummer")}
    police = [
        world.add(
            "politiet", "personer", ident=ident, fodselsdato=f"{person.birth:%d.%m.%Y}", **names, **home
        )
        for ident in (person.older_ident, person.ident)
    ]
    return Known(tax, nav, (police[0], police[1]))


def _inspections(world: World, person: Person) -> None:
    """Those linked led the enterprise on the day; the others had left, had not begun, did not lead, or it was not in time."""
    orgnr, number = world.enterprise(person.centre), person.number
    inside = FIRST_DAY + timedelta(37 * number % 2000)
    day = {0: FIRST_DAY, 1: LAST_DAY}.get(number, inside)
    if number in INSPECTED:
        # The first day of a role counts.
        world.role(person, orgnr, day if number % 3 == 0 else day - timedelta(400))
        for again in (day, day, LAST_DAY):
            world.inspect(orgnr, again)
        return
    kind = number % 5
    end = day if kind == 0 else day - timedelta(1) if kind == 1 else None
    start = day + timedelta(1) if kind == 2 else day - timedelta(500)
    world.role(person, orgnr, start, end, "MEDL" if kind == 3 else "DAGL")
    for visited in (DAY_BEFORE, DAY_AFTER) if kind == 4 else (day,):
        world.inspect(orgnr, visited)


def _bankruptcies(world: World, person: Person) -> None:
    """365 days after the role's end counts, 366 does not; nor does a day outside the window, or a role that leads nothing."""
    number = person.number
    day = FIRST_DAY + timedelta(600 + 11 * number % 1400)
    begun = day - timedelta(900)

    def bankrupt(on: date) -> str:
        return world.enterprise(person.centre, konkurs=True, konkursdato=str(on))

    if number in BANKRUPT:
        world.role(person, bankrupt(day), begun, day - timedelta(365) if number % 2 else None)
        if number % 7 == 0:
            world.role(person, bankrupt(LAST_DAY), begun)
        return
    kind = number % 5
    if kind == 0:
        world.role(person, bankrupt(day), begun, day - timedelta(366))
    elif kind in {1, 2}:
        world.role(person, bankrupt(DAY_BEFORE if kind == 1 else DAY_AFTER), date(2011, 1, 1))
    elif kind == 3:
        world.role(person, bankrupt(day), begun, code="MEDL")
    else:
        world.role(person, bankrupt(day), day + timedelta(1))


def _handover(world: World, giver: Person, taker: Person) -> None:
    """The giver led another bankrupt enterprise too, which changes no count; the taker is no actor."""
    handed_over = date(2017, 3, 1)
    orgnr = world.enterprise(giver.centre, konkurs=True, konkursdato=str(handed_over + timedelta(60)))
    world.role(giver, orgnr, handed_over - timedelta(900), handed_over)
    world.role(taker, orgnr, handed_over)


def _agency_reports(world: World, known: dict[int, Known]) -> None:
    """Reports of persons by tax and Nav; those of actors who are not to be counted came a day too early or too late."""
    for number in (*BY_TAX_ALONE, 40):
        world.add(
            "skatteetaten", "kontroller", orgnr="", part_id=known[number].tax, anmeldt_dato=str(LAST_DAY)
        )
    for number in (*BY_NAV_ALONE, 41):
        world.add("nav", "saker", nav_id=known[number].nav, anmeldt_dato=str(FIRST_DAY))
    for number in (0, 1, 95):
        world.add(
            "skatteetaten", "kontroller", orgnr="", part_id=known[number].tax, anmeldt_dato=str(DAY_AFTER)
        )
        world.add("nav", "saker", nav_id=known[number].nav, anmeldt_dato=str(DAY_BEFORE))


def _cases(world: World, known: dict[int, Known]) -> None:
    charged = [number for number in REPORTED if number not in {*BY_TAX_ALONE, *BY_NAV_ALONE}]
    turn = itertools.cycle(charged)
    for serial in range(CASES):
        outcome = _outcome(serial)
        number = next(turn)
        day = {0: FIRST_DAY, 1: LAST_DAY}.get(serial, FIRST_DAY + timedelta(serial * 2 % 2190))
        case = world.case(day, outcome, **_reporter(world, serial, known[number]))
        role = "domfelt" if outcome in {"dom", "tilstaelsesdom"} else "siktet"
        world.involve(case, known[number].police[serial % 2], role)
        if serial % 6 == 0:
            world.involve(case, known[number].police[1 - serial % 2], "mistenkt")
        if serial % 4 == 0:
            for other in (charged[serial % len(charged)], ACTORS + serial % DISMISSED, ACTORS + DISMISSED):
                world.involve(case, known[other].police[0], "mistenkt")
    for number in (0, 1, 94, *charged[:10]):
        for day in (DAY_BEFORE, DAY_AFTER):
            world.involve(world.case(day, "dom"), known[number].police[0], "domfelt")
    for number in range(ACTORS, ACTORS + DISMISSED + BYSTANDERS):
        world.involve(world.case(date(2016, 5, 4), "dom"), known[number].police[0], "domfelt")


def _outcome(serial: int) -> str:
    if serial < CONVICTIONS:
        return "tilstaelsesdom" if serial % 4 == 0 else "dom"
    if serial < CONVICTIONS + DROPPED_FOR_EVIDENCE:
        return "henlagt_bevis"
    return OTHER_OUTCOMES[serial % len(OTHER_OUTCOMES)]


def _reporter(world: World, serial: int, person: Known) -> dict[str, str]:
    """Now and then the matter was reported by an agency, and by a second one too, under its own reference."""
    if serial % 30 != 5:
        return {}
    day = str(FIRST_DAY + timedelta(serial * 2 % 2190))
    control = world.add(
        "skatteetaten", "kontroller", orgnr="", part_id=person.tax, dato=day, anmeldt_dato=day
    )
    world.add("nav", "saker", nav_id=person.nav, periode_fra="2014-01-01", anmeldt_dato=day)
    return {"anmelder": "skatteetaten", "anmelder_ref": control}
