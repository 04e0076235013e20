"""Random little worlds of two persons and five enterprises, and the same with one incriminating fact more."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from akrim import warehouse

from tests.assessment.project import join_records, land, reserve

Row = dict[str, str]
AS_OF = date(2025, 12, 31)
OFFICES = ("Kontoret 1", "Kontoret 2", "Hjemveien 1")
ENTERPRISES = 5
DIGITS = (3, 2, 7, 6, 5, 4, 3, 2)
SOURCES = {
    "brreg": ("enheter", "roller"),
    "skatteetaten": ("personer", "arbeidsforhold", "kontroller", "restanser", "oppdragsforhold"),
    "nav": ("personer", "saker", "lonnsgaranti"),
    "politiet": ("personer", "saker", "involverte"),
    "arbeidstilsynet": ("tilsyn", "reaksjoner", "personer_paa_stedet"),
}


def orgnrs() -> Iterator[str]:
    """Organisation numbers with their control digit."""
    for number in count(21_000_000):
        digits = str(number)
        control = -sum(int(d) * w for d, w in zip(digits, DIGITS, strict=True)) % 11
        if control < 10:
            yield f"{digits}{control}"


@dataclass
class Cluster:
    """The rows of one little world, by extract, and which records are whose."""

    name: str
    orgnrs: list[str]
    suppliers: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    records: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))

    def person(self, who: str) -> str:
        return f"{self.name}{who}"

    def add(self, agency: str, extract: str, **row: object) -> None:
        self.rows[agency, extract].append({k: str(v) for k, v in row.items() if v is not None})

    def next_id(self, kind: str) -> str:
        return f"{self.name}{kind}{sum(map(len, self.rows.values()))}"

    def lives(self, who: str, street: str) -> None:
        """Known to the tax agency, the police and Nav; no two clusters share an address."""
        part = f"{self.name}{who}t"
        self.add(
            "skatteetaten", "personer", part_id=part, fornavn=who, etternavn=self.name, fodselsdato="1970-01-02",
            adresse=f"{street} {self.name}", postnummer="0155", kommunenummer="0301", adressebeskyttelse="ugradert",
        )  # fmt: skip
        self.records[self.person(who)].append(("skatteetaten", "personer", part))
        self.add("politiet", "personer", person_lopenr=f"{self.name}{who}p", etternavn=self.name)
        self.records[self.person(who)].append(("politiet", "personer", f"{self.name}{who}p"))
        self.add("nav", "personer", nav_id=f"{self.name}{who}n", navn=self.name)
        self.records[self.person(who)].append(("nav", "personer", f"{self.name}{who}n"))

    def role(self, who: str, nth: int, since: date, until: date | None = None, code: str = "DAGL") -> None:
        role_id = self.next_id("r")
        self.add(
            "brreg", "roller", rolle_id=role_id, organisasjonsnummer=self.orgnrs[nth], type_kode=code,
            person_fodselsdato="1970-01-02", person_navn_fornavn=who, person_navn_etternavn=self.name, fra=since, til=until,
        )  # fmt: skip
        self.records[self.person(who)].append(("brreg", "roller", role_id))

    def works(
        self,
        worker: int,
        nth: int,
        since: date,
        until: date | None = None,
        pay: int | None = None,
        position: int = 100,
    ) -> None:
        part = f"{self.name}w{worker}t"
        self.add(
            "skatteetaten", "arbeidsforhold", arbeidsforhold_id=self.next_id("a"), part_id=part, orgnr=self.orgnrs[nth],
            startdato=since, sluttdato=until, stillingsprosent=pay and position, maanedslonn=pay,
        )  # fmt: skip

    def met(self, inspection: str, seen: str, who: str, as_what: str) -> None:
        self.add(
            "arbeidstilsynet", "personer_paa_stedet", observasjon_id=seen, tilsyn_id=inspection, fornavn=who[0],
            etternavn=self.name, rolle=as_what,
        )  # fmt: skip
        self.records[self.person(who)].append(("arbeidstilsynet", "personer_paa_stedet", seen))


def make(rng: random.Random, name: str, numbers: list[str]) -> Cluster:
    """A cluster with whatever has happened by chance; the same draw, another name, gives the same."""
    cluster = Cluster(name, numbers[:ENTERPRISES], numbers[ENTERPRISES:])
    cluster.lives("p", rng.choice(["Hjemveien 1", "Hjemveien 2"]))
    cluster.lives("q", "Hjemveien 1")
    for worker in range(9):
        cluster.lives(f"w{worker}", f"Brakke {worker}")
    for nth in range(ENTERPRISES):
        started = date(2019, 1, 1) + timedelta(days=330 * nth + rng.randrange(200))
        ended = started + timedelta(days=300 + rng.randrange(700))
        bankrupt = ended if rng.random() < 0.6 and ended <= AS_OF else None
        _enterprise(rng, cluster, nth, started, bankrupt)
        _leaders(rng, cluster, nth, started, bankrupt or AS_OF)
        for worker in rng.sample(range(6), rng.randrange(4)):
            cluster.works(worker, nth, started, bankrupt)
    for fact in rng.sample(list(FACTS), rng.randrange(1, 6)):
        FACTS[fact](rng, cluster)
    return cluster


def _enterprise(rng: random.Random, cluster: Cluster, nth: int, started: date, bankrupt: date | None) -> None:
    cluster.add(
        "brreg", "enheter", organisasjonsnummer=cluster.orgnrs[nth], navn=f"{cluster.name} {nth} AS", organisasjonsform_kode="AS",
        forretningsadresse_adresse=f"{rng.choice(OFFICES)} {cluster.name}", forretningsadresse_postnummer="0155",
        forretningsadresse_poststed="OSLO", forretningsadresse_kommunenummer=rng.choice(["0301", "4601"]),
        naeringskode1_kode=rng.choice(["41.200", "43.320", "56.101"]), registreringsdatoenhetsregisteret=started,
        konkurs="true" if bankrupt else "false", konkursdato=bankrupt, underavvikling="false",
    )  # fmt: skip


def _leaders(rng: random.Random, cluster: Cluster, nth: int, started: date, last: date) -> None:
    """She leads, and may hand over before the end; or the other leads; or nobody does."""
    leads = rng.random()
    until = last - timedelta(days=rng.randrange(20, 200)) if rng.random() < 0.4 else None
    if leads < 0.65:
        cluster.role("p", nth, started, until)
        if until and rng.random() < 0.8:
            cluster.role("q", nth, until)
    elif leads < 0.9:
        cluster.role("q", nth, started)


def case(rng: random.Random, cluster: Cluster) -> None:
    number = cluster.next_id("c")
    outcome = rng.choice([None, "dom"])
    cluster.add(
        "politiet", "saker", saksnummer=number, anmeldt_dato="01.03.2024", anmelder=rng.choice(["skatteetaten", "politiet"]),
        lovbruddskategori="skatt_avgift", avgjorelse=outcome, avgjorelse_dato="01.12.2024" if outcome else None,
    )  # fmt: skip
    cluster.add(
        "politiet", "involverte", involvert_id=f"{number}i", saksnummer=number, person_lopenr=f"{cluster.name}pp",
        rolle="domfelt" if outcome else "siktet",
    )  # fmt: skip


def inspection(rng: random.Random, cluster: Cluster) -> None:
    number, nth = cluster.next_id("i"), rng.randrange(len(cluster.orgnrs))
    day = date(2021, 1, 1) + timedelta(days=rng.randrange(1800))
    cluster.add(
        "arbeidstilsynet", "tilsyn", tilsyn_id=number, orgnr=cluster.orgnrs[nth], dato=day, kommunenummer="0301",
        naeringskode="41.200", tilsynstype="uanmeldt",
    )  # fmt: skip
    cluster.add(
        "arbeidstilsynet", "reaksjoner", reaksjon_id=f"{number}x", tilsyn_id=number, type="stans_press", vedtaksdato=day,
        status="aktiv",
    )  # fmt: skip
    if rng.random() < 0.6:
        cluster.met(number, f"{number}o", "p", "leder")
    for worker in range(rng.randrange(3)):
        cluster.met(number, f"{number}w{worker}", f"w{worker}", "arbeidstaker")


def audit(rng: random.Random, cluster: Cluster) -> None:
    at = rng.choice([None, *cluster.orgnrs])
    cluster.add(
        "skatteetaten", "kontroller", kontroll_id=cluster.next_id("k"), orgnr=at, part_id=None if at else f"{cluster.name}pt",
        type="bokettersyn", dato="2022-06-01", etterberegnet_skatt=rng.choice([None, 900_000]),
        fiktiv_faktura=rng.choice(["J", "N"]), anmeldt_dato=rng.choice([None, "2022-09-01"]),
    )  # fmt: skip


def arrears(rng: random.Random, cluster: Cluster) -> None:
    cluster.add(
        "skatteetaten", "restanser", restanse_id=cluster.next_id("s"), orgnr=rng.choice(cluster.orgnrs), beloep=600_000,
        per_dato=AS_OF, utlegg="J",
    )  # fmt: skip


def claim(rng: random.Random, cluster: Cluster) -> None:
    cluster.add(
        "nav", "lonnsgaranti", krav_id=cluster.next_id("l"), nav_id=f"{cluster.name}w0n", orgnr=rng.choice(cluster.orgnrs),
        beloep=90_000, dato="2023-06-01",
    )  # fmt: skip


def benefit(rng: random.Random, cluster: Cluster) -> None:
    cluster.add(
        "nav", "saker", sak_id=cluster.next_id("b"), nav_id=f"{cluster.name}w{rng.randrange(3)}n", ytelseskode="DAG",
        feilutbetalt_beloep=50_000, periode_fra="2022-01-01", periode_til="2022-06-01",
        aarsak=rng.choice(["arbeid_ved_siden_av", "fiktivt_arbeidsforhold"]), arbeidsgiver_orgnr=rng.choice(cluster.orgnrs),
        vedtak_endret="true",
    )  # fmt: skip


def role(rng: random.Random, cluster: Cluster, who: str = "p") -> None:
    """A leading role that she has besides."""
    nth, day = rng.randrange(len(cluster.orgnrs)), date(2021, 1, 1) + timedelta(days=rng.randrange(1500))
    cluster.role(who, nth, day, None, "LEDE")


def cover(rng: random.Random, cluster: Cluster) -> None:
    """The other, whoever that is to her, takes a leading role."""
    role(rng, cluster, "q")


def holding(rng: random.Random, cluster: Cluster) -> None:
    """A sound enterprise leads another, which may lead a third, or the first; of a group that falls together less counts."""
    companies = [row for row in cluster.rows["brreg", "enheter"] if row["organisasjonsform_kode"] == "AS"]
    sound = [row["organisasjonsnummer"] for row in companies if row["konkurs"] == "false"]
    holder, held = rng.sample(sound, 2)
    cluster.add(
        "brreg", "roller", rolle_id=cluster.next_id("r"), organisasjonsnummer=held, type_kode="DTPR",
        enhet_organisasjonsnummer=holder, fra=date(2021, 1, 1) + timedelta(days=rng.randrange(1500)),
    )  # fmt: skip


def stood_in(cluster: Cluster) -> None:
    """The first enterprise, which she led, is carried on as the second, where the other leads and she was met in charge, with an audit there."""
    for nth, started, ended in ((0, "2019-01-01", "2024-03-01"), (1, "2024-01-10", None)):
        cluster.rows["brreg", "enheter"][nth] |= {
            "forretningsadresse_adresse": f"Bygget {cluster.name}", "naeringskode1_kode": "43.320", "registreringsdatoenhetsregisteret": started,
            "konkurs": "true" if ended else "false", "konkursdato": ended or "",
        }  # fmt: skip
    for row in cluster.rows["brreg", "roller"]:
        if row["organisasjonsnummer"] in cluster.orgnrs[:2]:
            row["organisasjonsnummer"] = cluster.orgnrs[2]
    cluster.role("p", 0, date(2019, 1, 1))
    cluster.role("q", 1, date(2024, 1, 10))
    for worker in range(6, 9):
        cluster.works(worker, 0, date(2020, 1, 1), date(2024, 1, 20))
        cluster.works(worker, 1, date(2024, 1, 20))
    number = cluster.next_id("i")
    cluster.add(
        "arbeidstilsynet", "tilsyn", tilsyn_id=number, orgnr=cluster.orgnrs[1], dato="2024-06-01", kommunenummer="0301",
        naeringskode="43.320", tilsynstype="uanmeldt",
    )  # fmt: skip
    cluster.met(number, f"{number}o", "p", "leder")
    cluster.add(
        "skatteetaten", "kontroller", kontroll_id=cluster.next_id("k"), orgnr=cluster.orgnrs[1], type="bokettersyn",
        dato="2024-05-01", etterberegnet_skatt=900_000, fiktiv_faktura="J",
    )  # fmt: skip


def subsidiary(cluster: Cluster, number: str) -> None:
    """A company of which nobody is registered as the leader."""
    cluster.add(
        "brreg", "enheter", organisasjonsnummer=number, navn=f"{cluster.name} datter AS", organisasjonsform_kode="AS",
        registreringsdatoenhetsregisteret="2020-01-01", konkurs="false", underavvikling="false",
    )  # fmt: skip


def bankruptcy(rng: random.Random, cluster: Cluster) -> None:
    """Of a sound enterprise, when all who lead it have begun to, and in the years that count."""
    own = cluster.rows["brreg", "enheter"][:ENTERPRISES]
    sound = [row for row in own if row["konkurs"] == "false"]
    if sound:
        one = rng.choice(sound)
        begun = [
            r["fra"]
            for r in cluster.rows["brreg", "roller"]
            if r["organisasjonsnummer"] == one["organisasjonsnummer"]
        ]
        first = max(map(date.fromisoformat, [one["registreringsdatoenhetsregisteret"], "2020-01-01", *begun]))
        one |= {"konkurs": "true", "konkursdato": str(first + (AS_OF - first) * rng.random())}


def staff(rng: random.Random, cluster: Cluster) -> None:
    """Workers, whom no inspection meets, come from one enterprise to another as it goes bankrupt."""
    bankrupt = [n for n, row in enumerate(cluster.rows["brreg", "enheter"]) if row["konkurs"] == "true"]
    if bankrupt:
        old = rng.choice(bankrupt)
        day = date.fromisoformat(cluster.rows["brreg", "enheter"][old]["konkursdato"])
        new = rng.randrange(len(cluster.orgnrs))
        for worker in rng.sample(range(3, 6), 2):
            cluster.works(worker, old, day - timedelta(days=200), day)
            cluster.works(worker, new, day)


def work_bought(rng: random.Random, cluster: Cluster) -> None:
    """Workers who were employed there have begun for themselves and sell to one enterprise, the next time for a year more."""
    buyer, employer = rng.choice(cluster.orgnrs), rng.randrange(ENTERPRISES)
    before = cluster.rows["skatteetaten", "oppdragsforhold"]
    year = 2022 + len(before) // len(cluster.suppliers)
    for worker, supplier in enumerate(cluster.suppliers):
        if year == 2022:
            cluster.works(worker, employer, date(2021, 1, 1), date(2021, 6, 1))
            _sole_proprietor(cluster, worker, supplier)
        cluster.add(
            "skatteetaten", "oppdragsforhold", oppdrag_id=cluster.next_id("o"),
            oppdragsgiver_orgnr=before[0]["oppdragsgiver_orgnr"] if before else buyer,
            leverandor_orgnr=supplier, aar=year, beloep=300_000,
        )  # fmt: skip


def underpaid(rng: random.Random, cluster: Cluster) -> None:
    """Workers are paid far below the minimum."""
    nth = rng.randrange(ENTERPRISES)
    for worker in range(3):
        cluster.works(worker, nth, date(2022, 1, 1), pay=9_000)


def understated(rng: random.Random, cluster: Cluster) -> None:
    """Workers whom nothing else tells of are employed for a fifth of a position, once, and claim wages as for a whole one."""
    nth = rng.randrange(ENTERPRISES)
    is_first = all(row["nav_id"] != f"{cluster.name}w6n" for row in cluster.rows["nav", "lonnsgaranti"])
    for worker in range(6, 9):
        if is_first:
            cluster.works(worker, nth, date(2019, 1, 1), pay=6_000, position=20)
        cluster.add(
            "nav", "lonnsgaranti", krav_id=cluster.next_id("l"), nav_id=f"{cluster.name}w{worker}n", orgnr=cluster.orgnrs[nth],
            beloep=150_000, dato="2025-06-01",
        )  # fmt: skip


def accountants(rng: random.Random, cluster: Cluster) -> None:
    """Five within a year."""
    nth, first = rng.randrange(ENTERPRISES), date(2021, 1, 1) + timedelta(days=rng.randrange(1400))
    for worker in range(5):
        cluster.role(f"w{worker}", nth, first + timedelta(days=90 * worker), code="REGN")


def _sole_proprietor(cluster: Cluster, worker: int, supplier: str) -> None:
    role_id, since = cluster.next_id("r"), date(2021, 6, 2)
    cluster.add(
        "brreg", "enheter", organisasjonsnummer=supplier, navn=f"{cluster.name} {worker}", organisasjonsform_kode="ENK",
        registreringsdatoenhetsregisteret=since, konkurs="false", underavvikling="false",
    )  # fmt: skip
    cluster.add(
        "brreg", "roller", rolle_id=role_id, organisasjonsnummer=supplier, type_kode="INNH", person_fodselsdato="1970-01-02",
        person_navn_fornavn=f"w{worker}", person_navn_etternavn=cluster.name, fra=since,
    )  # fmt: skip
    cluster.records[cluster.person(f"w{worker}")].append(("brreg", "roller", role_id))


FACTS: dict[str, Callable[[random.Random, Cluster], None]] = {
    "case": case, "inspection": inspection, "audit": audit, "arrears": arrears, "claim": claim, "benefit": benefit,
    "role": role, "cover": cover, "bankruptcy": bankruptcy, "staff": staff, "work_bought": work_bought, "underpaid": underpaid,
    "understated": understated, "accountants": accountants,
}  # fmt: skip


def fill(clusters: list[Cluster]) -> None:
    """Land them as one release's deliveries, each person's records joined."""
    landed = defaultdict(list)
    for cluster in clusters:
        for extract, found in cluster.rows.items():
            landed[extract] += found
    with warehouse.connect() as connection:
        for agency, extracts in SOURCES.items():
            for extract in extracts:
                land(connection, f"{agency}-2025-T3-01", extract, landed[agency, extract])
        for cluster in clusters:
            join_records(connection, **cluster.records)
        reserve(connection, "2025-T3.1", [f"{agency}-2025-T3-01" for agency in SOURCES], status="published")
