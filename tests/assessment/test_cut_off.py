"""What is dated after the cut-off date counts from the next release on."""

import random
import re
from datetime import date, timedelta
from typing import Any

import pytest

from tests.assessment.clusters import AS_OF, ENTERPRISES, Cluster, fill, make, orgnrs
from tests.assessment.project import Project, rows

PAIRS = 120
LATER = AS_OF + timedelta(days=3)
OBSERVED = "select person_id, indicator_code, value, points, checked from marts.indicator_observations"
# Networks and enterprises have other ids in each cluster of a pair.
TIED = """
select member_id as person_id, part, tie_count, neighbour_count from marts.network_members where member_kind = 'person'
union all select person_id, tie, count(*), 0 from marts.straw_man_ties group by 1, 2
"""


@pytest.mark.slow
def test_what_is_dated_after_the_cut_off_date_changes_no_finding(project: Project, warehouse: str) -> None:
    """Of two clusters alike, one has all that may be delivered of the days after."""
    numbers = orgnrs()
    clusters = []
    for place in range(PAIRS):
        for which in "ab":
            own = [next(numbers) for _ in range(9)]
            clusters.append(make(random.Random(place), f"c{place}{which}", own))
        _happens_later(clusters[-1], [next(numbers) for _ in range(ENTERPRISES)])
    fill(clusters)
    project.build({"release_id": "2025-T3.1", "period": "2025-T3", "as_of": str(AS_OF)})

    for query, least in ((OBSERVED, 10 * PAIRS), (TIED, PAIRS)):
        found: dict[str, set[Any]] = {"a": set(), "b": set()}
        for row in rows(query):
            name, which, who = re.fullmatch("(c[0-9]+)([ab])(.+)", row.pop("person_id")).groups()
            found[which].add((name, who, *row.values()))
        assert found["b"] - found["a"] == set()
        assert found["a"] - found["b"] == set()
        assert len(found["a"]) > least


def _happens_later(cluster: Cluster, new: list[str]) -> None:
    for nth, orgnr in enumerate(cluster.orgnrs):
        _carried_on(cluster, nth, new[nth])
        _found_at(cluster, orgnr)
        cluster.works(nth, (nth + 1) % ENTERPRISES, LATER, pay=9_000)
        for who in "pq":
            cluster.role(who, nth, LATER, None, "LEDE")
        for accountant in range(5):
            cluster.role(f"w{accountant}", nth, LATER + timedelta(days=accountant), None, "REGN")
    for who in "pq":
        _found_on(cluster, who)
    for supplier in cluster.suppliers:
        cluster.add(
            "skatteetaten", "oppdragsforhold", oppdrag_id=cluster.next_id("later"), oppdragsgiver_orgnr=cluster.orgnrs[0],
            leverandor_orgnr=supplier, aar=LATER.year, beloep=900_000,
        )  # fmt: skip


def _carried_on(cluster: Cluster, nth: int, number: str) -> None:
    """Another enterprise like it is started, with the same leaders and staff."""
    like = cluster.rows["brreg", "enheter"][nth]
    started = {"organisasjonsnummer": number, "registreringsdatoenhetsregisteret": str(LATER)}
    cluster.add(
        "brreg",
        "enheter",
        **{**like, **started, "konkurs": "false", "konkursdato": None, "stiftelsesdato": None},
    )
    cluster.orgnrs = [*cluster.orgnrs[:ENTERPRISES], number]
    for who in "pq":
        cluster.role(who, ENTERPRISES, LATER)
    for worker in range(6):
        cluster.works(worker, ENTERPRISES, LATER)
    cluster.orgnrs = cluster.orgnrs[:ENTERPRISES]


def _found_at(cluster: Cluster, orgnr: str) -> None:
    number = cluster.next_id("later")
    cluster.add(
        "arbeidstilsynet", "tilsyn", tilsyn_id=number, orgnr=orgnr, dato=LATER, kommunenummer="0301", tilsynstype="uanmeldt"
    )  # fmt: skip
    cluster.add(
        "arbeidstilsynet", "reaksjoner", reaksjon_id=number, tilsyn_id=number, type="stans_press", vedtaksdato=LATER, status="aktiv"
    )  # fmt: skip
    cluster.add(
        "arbeidstilsynet", "personer_paa_stedet", observasjon_id=number, tilsyn_id=number, rolle="leder"
    )
    cluster.records[cluster.person("p")].append(("arbeidstilsynet", "personer_paa_stedet", number))
    cluster.add(
        "skatteetaten", "kontroller", kontroll_id=number, orgnr=orgnr, type="bokettersyn", dato=LATER, etterberegnet_skatt=900_000,
        fiktiv_faktura="J",
    )  # fmt: skip
    cluster.add(
        "skatteetaten",
        "restanser",
        restanse_id=number,
        orgnr=orgnr,
        beloep=900_000,
        per_dato=LATER,
        utlegg="J",
    )
    cluster.add(
        "nav",
        "lonnsgaranti",
        krav_id=number,
        nav_id=f"{cluster.name}w0n",
        orgnr=orgnr,
        beloep=90_000,
        dato=LATER,
    )
    for worker, cause in enumerate(("arbeid_ved_siden_av", "fiktivt_arbeidsforhold")):
        _benefit(cluster, f"w{worker}", cause, orgnr)


def _found_on(cluster: Cluster, who: str) -> None:
    number = cluster.next_id("later")
    day = f"{LATER:%d.%m.%Y}"
    cluster.add(
        "skatteetaten", "kontroller", kontroll_id=number, part_id=f"{cluster.name}{who}t", type="bokettersyn", dato=LATER,
        etterberegnet_skatt=900_000, fiktiv_faktura="J", anmeldt_dato=LATER,
    )  # fmt: skip
    _benefit(cluster, who, "arbeid_ved_siden_av", None)
    cluster.add(
        "politiet", "saker", saksnummer=number, anmeldt_dato=day, anmelder="skatteetaten", lovbruddskategori="skatt_avgift",
        avgjorelse="dom", avgjorelse_dato=day,
    )  # fmt: skip
    cluster.add(
        "politiet", "involverte", involvert_id=number, saksnummer=number, person_lopenr=f"{cluster.name}{who}p", rolle="domfelt"
    )  # fmt: skip


def _benefit(cluster: Cluster, who: str, cause: str, employer: str | None) -> None:
    cluster.add(
        "nav", "saker", sak_id=cluster.next_id("later"), nav_id=f"{cluster.name}{who}n", ytelseskode="DAG", feilutbetalt_beloep=50_000,
        periode_fra=LATER, periode_til=date(LATER.year, 6, 1), aarsak=cause, arbeidsgiver_orgnr=employer, vedtak_endret="true",
        anmeldt_dato=LATER,
    )  # fmt: skip
