"""Two periods of people whose homes must not be shown, and of texts that hold person numbers.

In the first period all is delivered as agreed. In the second the protected persons' rows are set aside, missing, removed or
new and set aside, while the police and the business register go on telling where they live.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.deliveries.building import Delivery, base_row, full_delivery, organisation_number, person_number

PERIODS = ("2025-T3", "2026-T1")
# Nobody else lives in any of them.
HOMES = {
    "set aside": "Fjordgløttveien 13",
    "missing": "Granskauen 4 B",
    "new": "Myrsnipestien 7",
    "client": "Kvernsjøfaret 91",
}
SECRET_WORDS = ("fjordgl", "granskau", "myrsnipe", "kvernsj")
# Whom nobody protects until the second period: the first release, and what centres have of it, shows the home.
PROTECTED_LATER = "myrsnipe"
SHOWN = "Orrhaneveien 2"
MENTIONED = [person_number(n, series=s, birth=date(1985, 6, 7)) for n, s in enumerate((80, 80, 65, 40, 80))]


@dataclass(frozen=True)
class Somebody:
    """A leader of an enterprise in Oslo who was convicted, so that the centre hears of him in any case."""

    number: int
    name: str
    street: str
    is_known_by_number: bool = True

    @property
    def birth(self) -> date:
        return date(1970 + self.number, 2, 3)

    @property
    def ident(self) -> str:
        return person_number(0, birth=self.birth)

    def taxed(self, grade: str, **values: Any) -> dict[str, Any]:
        return base_row("skatteetaten", "personer", 1) | {
            "part_id": f"PART{self.number}", "ident": self.ident, "fornavn": "Prøve", "etternavn": self.name,
            "fodselsdato": str(self.birth), "adresse": self.street, "postnummer": "0450", "telefon": "",
            "adressebeskyttelse": grade,
        } | values  # fmt: skip

    def suspected(self) -> dict[str, Any]:
        told = {"ident": self.ident, "fornavn": "Prøve", "fodselsdato": f"{self.birth:%d.%m.%Y}"}
        unknown = dict.fromkeys(told, "")
        return base_row("politiet", "personer", self.number) | (told if self.is_known_by_number else unknown) | {
            "etternavn": self.name, "adresse": self.street.upper().replace("VEIEN", " V."), "postnummer": "0450",
        }  # fmt: skip

    def observed(self) -> dict[str, Any]:
        return base_row("arbeidstilsynet", "personer_paa_stedet", self.number) | {
            "ident": self.ident, "etternavn": self.name, "fodselsdato": str(self.birth), "adresse": self.street,
        }  # fmt: skip

    def leads(self) -> dict[str, Any]:
        name = {"fornavn": "Prøve", "etternavn": self.name}
        return base_row("brreg", "roller", self.number) | {
            "organisasjonsnummer": organisation_number(self.number),
            "person": {"fodselsnummer": self.ident, "fodselsdato": str(self.birth), "navn": name},
        }


SET_ASIDE = Somebody(1, "Aasland", HOMES["set aside"])
MISSING = Somebody(2, "Bratlie", HOMES["missing"])
NEW = Somebody(3, "Dahlum", HOMES["new"])
NEIGHBOUR = Somebody(4, "Egeland", "FJORDGLØTTVN. 13b")
OPEN = Somebody(5, "Fjeldstad", SHOWN)
# The police know neither number nor birth date; nothing tells that it is the one whose row is set aside.
UNLINKED = Somebody(6, "Ukjent", HOMES["set aside"], is_known_by_number=False)
# Leads nothing; the labour inspection has found him at home, and at work.
CLIENT = Somebody(7, "Gjelsvik", HOMES["client"])
LEADERS = (SET_ASIDE, MISSING, NEW, NEIGHBOUR, OPEN)
EVERYBODY = (*LEADERS, UNLINKED, CLIENT)


def deliveries(period: str) -> list[Delivery]:
    """Every agency's delivery for the period."""
    first = period == PERIODS[0]
    tax = full_delivery("skatteetaten", 1, period=period)
    tax.rows["personer"] += [
        OPEN.taxed("ugradert", telefon="41870263"),
        NEIGHBOUR.taxed("ugradert"),
        CLIENT.taxed("klientadresse", telefon="47720918"),
    ] + (
        [SET_ASIDE.taxed("strengt_fortrolig", telefon="92316405"), MISSING.taxed("fortrolig", adresse="")]
        if first
        else [row.taxed("ugradert", fodselsdato="1971-02-30") for row in (SET_ASIDE, NEW)]
    )
    tax.rows["kontroller"] += [
        base_row("skatteetaten", "kontroller", 1 + person.number)
        | {"orgnr": organisation_number(person.number), "fiktiv_faktura": "J"}
        for person in LEADERS
    ]
    nav = full_delivery("nav", 1, period=period)
    labour = full_delivery("arbeidstilsynet", 1, period=period)
    labour.rows["personer_paa_stedet"].append(CLIENT.observed())
    return [tax, nav, labour, _register(period), _police(period)]


def _register(period: str) -> Delivery:
    register = full_delivery("brreg", 5, period=period)
    register.rows["roller"] = [person.leads() for person in LEADERS]
    for person, enterprise in zip(LEADERS, register.rows["enheter"], strict=True):
        enterprise["navn"] = f"{person.name} BYGG AS"
        enterprise["forretningsadresse"] |= {"adresse": ["Industriveien 1"], "postnummer": "0581"}
    alone, shared, named, _, street = register.rows["enheter"]
    for enterprise in (alone, named):
        enterprise["forretningsadresse"] |= {
            "adresse": ["c/o Prøve", HOMES["set aside"]],
            "postnummer": "0450",
        }
    shared |= {"organisasjonsform": {"kode": "ENK"}}
    shared["forretningsadresse"] |= {"adresse": [HOMES["missing"]], "postnummer": "0450"}
    named["navn"] = f"HANSEN {MENTIONED[0]} AS"
    street["naeringskode1"] = {"kode": "41.200", "beskrivelse": f"Bygg {_parted(MENTIONED[1])}"}
    street["forretningsadresse"] |= {
        "adresse": [f"c/o {MENTIONED[2]}", "Industriveien 5"],
        "poststed": f"OSLO {MENTIONED[3]}",
    }
    return register


def _police(period: str) -> Delivery:
    police = full_delivery("politiet", 1, period=period)
    police.rows["personer"] = [person.suspected() for person in EVERYBODY]
    police.rows["personer"][4]["etternavn"] = f"Fjeldstad {_parted(MENTIONED[4])}"
    kinds = ("skatt_avgift", "konkurskriminalitet")
    cases = [(2 * person.number + second, person, kinds[second]) for person in EVERYBODY for second in (0, 1)]
    told = {"avgjorelse": "dom", "anmelder": "skatteetaten", "anmelder_ref": f"tips fra {MENTIONED[0]}"}
    police.rows["saker"] = [
        base_row("politiet", "saker", number) | told | {"lovbruddskategori": kind}
        for number, _, kind in cases
    ]
    police.rows["involverte"] = [
        base_row("politiet", "involverte", number)
        | {"saksnummer": f"SAKER{number}", "person_lopenr": f"PERSONER{person.number}", "rolle": "domfelt"}
        for number, person, _ in cases
    ]
    return police


def _parted(number: str) -> str:
    return f"{number[:6]} {number[6:]}"


def decision(person_id: str) -> Delivery:
    """What Oslo decided on the first release, with a number in its measures."""
    row = base_row("sentrene", "beslutninger", 1)
    told = {
        "release_id": f"{PERIODS[0]}.1",
        "person_id": person_id,
        "tiltak": f"Ring {_parted(MENTIONED[1])}.",
    }
    return Delivery("sentrene", PERIODS[1], mode="delta", rows={"beslutninger": [row | told]})
