"""A woman whom the agencies stop delivering, and a man who stays: they led an enterprise one after the other before it went bankrupt.

All that tells of her has words of its own, which nothing else in this world has: her names, number, home, sole proprietorship, and
the keys of the agencies' rows about her.
"""

from datetime import date
from typing import Any

from tests.deliveries.building import Delivery, base_row, full_delivery, organisation_number, person_number

PERIODS = ("2025-T3", "2026-T1", "2026-T2")
BANKRUPT, HIS, HERS = (organisation_number(n) for n in (11, 12, 13))
NUMBERS = {"her": person_number(0, birth=date(1975, 5, 6)), "him": person_number(0, birth=date(1969, 8, 9))}
# Her number of the wrong year in the register of tips, which nobody links; keys begin with this.
KEY = "SLETTES"
WORDS = ("Slettmark", "Solveig", "Gjemmestien", KEY, NUMBERS["her"], HERS)
HIS_CASE = "SAK-Bli-1"
NAMES = {"her": ("Solveig", "Slettmark"), "him": ("Henrik", "Blivedal")}
BORN = {"her": "1975-05-06", "him": "1969-08-09"}
HOME = {"her": "Gjemmestien 7", "him": "Blivegata 3"}


def key(who: str, number: int = 1) -> str:
    return f"{KEY if who == 'her' else 'BLIR'}{number}"


def deliveries(period: str) -> list[Delivery]:
    """All agencies' full deliveries; she is in the first period's alone."""
    who = ("her", "him") if period == PERIODS[0] else ("him",)
    made = {
        agency: full_delivery(agency, 1, period=period)
        for agency in ("brreg", "arbeidstilsynet", "skatteetaten", "nav", "politiet")
    }
    _register(made["brreg"].rows, who)
    made["nav"].rows["nominasjoner"] = []
    for one in who:
        _agencies({agency: delivery.rows for agency, delivery in made.items()}, one)
    if "her" in who:
        # Set aside: nobody's key, but her number.
        made["nav"].rows["personer"].append(_nav("her") | {"nav_id": ""})
    return list(made.values())


def decisions(person_ids: dict[str, str]) -> Delivery:
    """What Oslo decided on both after the first release; of her with her name in the measures."""
    told = {
        "release_id": f"{PERIODS[0]}.1",
        "status": "trusselaktor",
        "prioritering": "prioriter",
        "besluttet_dato": "2026-01-20",
    }
    rows = [
        base_row("sentrene", "beslutninger", 1)
        | told
        | {"person_id": person_ids["her"], "tiltak": "Besøk Slettmark hjemme"},
        base_row("sentrene", "beslutninger", 2)
        | told
        | {"person_id": person_ids["him"], "tiltak": "Bokettersyn sammen med Testesen"},
    ]
    return Delivery("sentrene", PERIODS[1], mode="delta", rows={"beslutninger": rows})


def _register(rows: dict[str, list[dict[str, Any]]], who: tuple[str, ...]) -> None:
    def enterprise(orgnr: str, name: str, **values: Any) -> None:
        rows["enheter"].append(
            base_row("brreg", "enheter", 1) | {"organisasjonsnummer": orgnr, "navn": name} | values
        )

    def role(one: str, number: int, orgnr: str, code: str, start: str, end: str | None = None) -> None:
        given, family = NAMES[one]
        person = {
            "fodselsnummer": NUMBERS[one],
            "fodselsdato": BORN[one],
            "navn": {"fornavn": given, "etternavn": family},
        }
        until = {"til": end} if end else {}
        rows["roller"].append(base_row("brreg", "roller", 1) | {"rolle_id": key(one, number), "organisasjonsnummer": orgnr,
                                                               "type": {"kode": code}, "person": person, "fra": start} | until)  # fmt: skip

    enterprise(BANKRUPT, "FELLES BYGG AS", konkurs=True, konkursdato="2025-06-02")
    enterprise(HIS, "BLIVENDE BYGG AS")
    role("him", 1, BANKRUPT, "DAGL", "2025-04-01")
    role("him", 2, HIS, "DAGL", "2020-01-01")
    if "her" in who:
        home = {
            "adresse": [HOME["her"]],
            "postnummer": "0450",
            "poststed": "OSLO",
            "kommunenummer": "0301",
            "landkode": "NO",
        }
        enterprise(HERS, "SLETTMARK RENHOLD", organisasjonsform={"kode": "ENK"}, forretningsadresse=home)
        role("him", 3, HERS, "DAGL", "2020-01-01")
        role("her", 1, BANKRUPT, "DAGL", "2018-01-01", "2025-04-01")
        role("her", 2, HERS, "INNH", "2019-01-01")


def _nav(one: str) -> dict[str, Any]:
    given, family = NAMES[one]
    return {
        "nav_id": key(one),
        "ident": NUMBERS[one],
        "navn": f"{family.upper()}, {given.upper()}",
        "fodselsdato": BORN[one],
        "postnummer": "0450",
    }


def _agencies(rows: dict[str, dict[str, list[dict[str, Any]]]], one: str) -> None:
    """What the tax authority, NAV, the police and the labour inspection know of her or him."""
    given, family = NAMES[one]
    described = {
        "ident": NUMBERS[one],
        "fornavn": given,
        "etternavn": family,
        "fodselsdato": BORN[one],
        "adresse": HOME[one],
        "postnummer": "0450",
    }

    def add(agency: str, extract: str, **values: Any) -> None:
        rows[agency][extract].append(base_row(agency, extract, 1) | values)

    add("skatteetaten", "personer", part_id=key(one), **described, telefon="")
    add("skatteetaten", "arbeidsforhold", arbeidsforhold_id=key(one), part_id=key(one), orgnr=BANKRUPT)
    add("skatteetaten", "restanser", restanse_id=key(one), part_id=key(one), beloep="400000")
    rows["nav"]["personer"].append(_nav(one))
    add(
        "nav",
        "saker",
        sak_id=key(one),
        nav_id=key(one),
        aarsak="arbeid_ved_siden_av",
        anmeldt_dato="2025-03-01",
    )
    if one == "her":
        add("nav", "nominasjoner", nominasjon_id=key(one), nav_id=key(one))
    add(
        "politiet",
        "personer",
        person_lopenr=key(one),
        **described | {"fodselsdato": f"{date.fromisoformat(BORN[one]):%d.%m.%Y}"},
    )
    for number, kind in ((1, "skatt_avgift"), (2, "konkurskriminalitet")):
        add("politiet", "saker", saksnummer=f"SAK-{family[:3]}-{number}", lovbruddskategori=kind)
        add(
            "politiet",
            "involverte",
            involvert_id=key(one, number),
            saksnummer=f"SAK-{family[:3]}-{number}",
            person_lopenr=key(one),
            rolle="domfelt",
        )
    add(
        "arbeidstilsynet",
        "personer_paa_stedet",
        observasjon_id=key(one),
        **described,
        rolle="leder",
        arbeidsgiver_orgnr=BANKRUPT,
    )
