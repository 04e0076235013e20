"""Deliveries follow the contracts: columns, encodings, hashes, counts, manifests, valid numbers."""

import csv
import gzip
import hashlib
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from akrim.contracts import load_contracts

from tests.synthetic.conftest import AGENCIES, PERIODS, Made, ask, make

# Section 3 of the agreement, written down here once more on purpose: neither generator nor contract is the judge.
COLUMNS = {
    ("arbeidstilsynet", "tilsyn"): "tilsyn_id orgnr dato kommunenummer naeringskode tilsynstype aksjon_id"
    " antall_kontrollpunkter antall_brudd",
    ("arbeidstilsynet", "reaksjoner"): "reaksjon_id tilsyn_id type vedtaksdato beloep status",
    (
        "arbeidstilsynet",
        "personer_paa_stedet",
    ): "observasjon_id tilsyn_id ident fornavn etternavn fodselsdato adresse"
    " postnummer rolle arbeidsgiver_orgnr",
    (
        "skatteetaten",
        "personer",
    ): "part_id ident tidligere_ident fornavn mellomnavn etternavn fodselsdato adresse"
    " postnummer kommunenummer telefon adressebeskyttelse",
    (
        "skatteetaten",
        "arbeidsforhold",
    ): "arbeidsforhold_id part_id orgnr startdato sluttdato stillingsprosent maanedslonn",
    (
        "skatteetaten",
        "kontroller",
    ): "kontroll_id orgnr part_id type dato etterberegnet_mva etterberegnet_skatt"
    " tilleggsskatt fiktiv_faktura anmeldt_dato",
    ("skatteetaten", "restanser"): "restanse_id orgnr part_id beloep per_dato utlegg",
    ("skatteetaten", "oppdragsforhold"): "oppdrag_id oppdragsgiver_orgnr leverandor_orgnr aar beloep",
    ("nav", "personer"): "nav_id ident navn fodselsdato postnummer",
    (
        "nav",
        "saker",
    ): "sak_id nav_id ytelseskode feilutbetalt_beloep periode_fra periode_til aarsak arbeidsgiver_orgnr"
    " vedtak_endret anmeldt_dato",
    ("nav", "lonnsgaranti"): "krav_id nav_id orgnr beloep dato",
    ("politiet", "personer"): "person_lopenr ident fornavn etternavn fodselsdato adresse postnummer",
    ("politiet", "saker"): "saksnummer anmeldt_dato anmelder anmelder_ref lovbruddskategori orgnr avgjorelse"
    " avgjorelse_dato",
    ("politiet", "involverte"): "involvert_id saksnummer person_lopenr rolle",
    **{
        (agency, "nominasjoner"): f"nominasjon_id dato gyldig_til {key} orgnr observert kilde_gradering opplysning_gradering"
        for agency, key in {
            "arbeidstilsynet": "observasjon_id", "skatteetaten": "part_id", "nav": "nav_id", "politiet": "person_lopenr",
        }.items()
    },
}  # fmt: skip
FORMATS = {
    "arbeidstilsynet": ("utf-8", ","),
    "skatteetaten": ("utf-8", ";"),
    "nav": ("utf-8", ";"),
    "politiet": ("iso-8859-1", ";"),
}


def records(path: Path) -> list[list[str]]:
    encoding, delimiter = FORMATS[path.parent.parent.name]
    text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("agency", AGENCIES)
def test_the_manifest_says_what_is_there(world: Made, agency: str, period: str) -> None:
    folder = world.folder(agency, period)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["agency"], manifest["delivery_id"], manifest["period"]) == (agency, folder.name, period)
    assert (manifest["mode"], manifest["supersedes"], manifest["synthetic"]) == ("full", None, True)
    assert {f["name"] for f in manifest["files"]} | {"manifest.json"} == {p.name for p in folder.iterdir()}
    assert {f["extract"] for f in manifest["files"]} == {e.name for e in load_contracts()[agency].extracts}
    for file in manifest["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert file["rows"] == count_rows(folder / file["name"])


def count_rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    if path.suffix == ".gz":
        return len(gzip.decompress(path.read_bytes()).splitlines())
    return len(records(path)) - 1


@pytest.mark.parametrize(("agency", "extract"), COLUMNS)
def test_the_columns_are_the_agreed_ones_in_their_order(world: Made, agency: str, extract: str) -> None:
    folder = world.folder(agency, "2026-T1")
    wanted = COLUMNS[agency, extract].split()
    table = folder / f"{extract}.parquet"
    assert (
        pq.read_schema(table).names if table.exists() else records(folder / f"{extract}.csv")[0]
    ) == wanted


def test_only_the_labour_inspection_sends_a_byte_order_mark(world: Made) -> None:
    marked = {
        p.parent.parent.name
        for p in world.inbox.glob("*/*/*.csv")
        if p.read_bytes().startswith(b"\xef\xbb\xbf")
    }
    assert marked == {"arbeidstilsynet"}


def test_the_register_leaves_out_what_it_does_not_know(world: Made) -> None:
    lines = gzip.decompress((world.folder("brreg", "2026-T1") / "roller.jsonl.gz").read_bytes()).splitlines()
    roles: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert all(None not in role.values() for role in roles)
    assert {tuple(k for k in ("person", "enhet") if k in r) for r in roles if r.get("organisasjonsnummer")} >= {
        ("person",), ("enhet",),
    }  # fmt: skip
    assert {"fodselsdato", "navn"} <= set(next(r for r in roles if "person" in r)["person"])


def test_dates_are_written_as_each_agency_writes_them(world: Made) -> None:
    header, *rows = records(world.folder("politiet", "2026-T1") / "saker.csv")
    reported = [row[header.index("anmeldt_dato")] for row in rows if len(row) == len(header)]
    norwegian = [text for text in reported if re.fullmatch(r"\d{2}\.\d{2}\.\d{4}", text)]
    assert len(norwegian) >= len(reported) - 5


@pytest.mark.parametrize(
    ("period", "agency", "when"),
    [("2025-T3", "brreg", "2026-01-01T06:00:00+01:00"), ("2026-T1", "politiet", "2026-05-12T06:00:00+02:00")],
)
def test_deliveries_come_some_days_after_the_cut_off(
    world: Made, period: str, agency: str, when: str
) -> None:
    manifest = json.loads((world.folder(agency, period) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["delivered_at"] == when
    assert datetime.fromisoformat(when).date() > date(2025, 12, 31)


FIRST, SECOND = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def digits(column: str, weights: tuple[int, ...]) -> str:
    return " + ".join(f"{w} * substr({column}, {place}, 1)::int" for place, w in enumerate(weights, 1))


ISSUED = """
select fodselsnummer as n, 0 as added from person where fodselsnummer is not null
union all select d_nummer, 40 from person where d_nummer is not null
"""


def test_every_issued_number_is_valid_synthetic_and_given_once(world: Made) -> None:
    bad = f"""
        select count(*) from numbers
        where length(n) <> 11 or ({digits("n", FIRST)}) % 11 <> 0 or ({digits("n", SECOND)}) % 11 <> 0
           or substr(n, 3, 2)::int not between 81 and 92
           or substr(n, 1, 2)::int - added not between 1 and 31"""
    tables = {"person": world.key("person"), "numbers": lambda con: con.sql(ISSUED)}
    assert ask(bad, **tables) == [(0,)]
    total, distinct = ask("select count(*), count(distinct n) from numbers", **tables)[0]
    assert total == distinct > 1900


def test_a_number_says_birth_date_and_sex(world: Made) -> None:
    wrong = ask(
        """
        select count(*) from person
        where fodselsnummer is not null and (
            substr(fodselsnummer, 1, 2) <> strftime(fodselsdato::date, '%d')
            or substr(fodselsnummer, 5, 2) <> strftime(fodselsdato::date, '%y')
            or (substr(fodselsnummer, 9, 1)::int % 2 = 1) <> (kjonn = 'M'))""",
        person=world.key("person"),
    )
    assert wrong == [(0,)]


def test_organisation_numbers_are_valid_and_begin_with_2_or_3(world: Made) -> None:
    weights = (3, 2, 7, 6, 5, 4, 3, 2, 1)
    wrong = ask(
        f"""
        select count(*) from enterprise
        where length(orgnr) <> 9 or orgnr[1] not in ('2', '3') or ({digits("orgnr", weights)}) % 11 <> 0""",
        enterprise=world.key("enterprise"),
    )
    assert wrong == [(0,)]


def test_the_same_arguments_give_the_same_bytes(world: Made, tmp_path: Path) -> None:
    again = make(tmp_path / "inbox", PERIODS[-1])
    for path in sorted(p for p in again.inbox.rglob("*") if p.is_file()):
        assert path.read_bytes() == (world.inbox / path.relative_to(again.inbox)).read_bytes(), path.name
    assert (again.truth / "person.csv").read_bytes() == (world.truth / "person.csv").read_bytes()


def test_another_seed_is_another_world(world: Made, tmp_path: Path) -> None:
    other = make(tmp_path / "inbox", PERIODS[-1], seed=12, agencies=("nav",))
    path = Path("nav") / f"nav-{PERIODS[-1]}-01" / "personer.csv"
    assert (other.inbox / path).read_bytes() != (world.inbox / path).read_bytes()
