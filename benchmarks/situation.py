"""The situation table beside a count made without the pipeline: python benchmarks/situation.py INBOX PERIOD [FROM..TO].

In go the synthetic deliveries, their answer key (who every record is, which rows are wrong) and the centres' decisions;
DuckDB counts M1 to M9 of true persons from the raw files, and the warehouse that AKRIM_HOME names is asked for the
same. Counted twice: with the true person of each record, where what linkage missed shows as a difference, and with the
pipeline's own links, where nothing may differ. What a decision's person_id stands for is taken from the warehouse, since
nobody else could know. Exits 1 where a measure differs with the same links.
"""

import csv
import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from akrim import warehouse
from akrim.contracts import load_contracts

COUNT = """
with actors as (
    select true_person_id, min(seriousness) as seriousness from (
        select person.true_person_id, senter, arg_max(seriousness, (besluttet_dato, beslutning_id)) as seriousness
        from decisions join person using (person_id)
        join (values ('sentral_trusselaktor', 1), ('trusselaktor', 2), ('potensiell_trusselaktor', 3), ('av_interesse', 4),
            ('avskrevet', 5)) as codes (status, seriousness) using (status)
        group by all
    ) group by all having min(seriousness) < 5
),
led as (
    select r.true_person_id, roller.* from roller join record r on r.source = 'brreg' and r.source_record_id = rolle_id
    where code in ('DAGL', 'LEDE', 'INNH', 'DTPR', 'DTSO')
),
cases as (
    select distinct true_person_id, saksnummer, avgjorelse
    from involverte join politiet_saker using (saksnummer)
    join record r on r.source = 'politiet' and r.source_record_id = person_lopenr
    where lovbruddskategori <> 'annet' and strptime(anmeldt_dato, '%d.%m.%Y')::date between $since and $until
),
reported as (
    select true_person_id from cases
    union select true_person_id from kontroller join record r on r.source = 'skatteetaten' and r.source_record_id = part_id
    where try_cast(anmeldt_dato as date) between $since and $until
    union select true_person_id from nav_saker join record r on r.source = 'nav' and r.source_record_id = nav_id
    where try_cast(anmeldt_dato as date) between $since and $until
),
inspected as (
    select true_person_id from led join tilsyn on led.orgnr = tilsyn.orgnr
    where fra::date <= dato::date and (til is null or til::date > dato::date) and dato::date between $since and $until
),
bankrupt as (
    select true_person_id from led join enheter on led.orgnr = enheter.orgnr
    where fra::date <= konkursdato::date and (til is null or til::date >= konkursdato::date - 365)
    and konkursdato::date between $since and $until
),
own_cases as (select distinct saksnummer, avgjorelse from cases where true_person_id in (select true_person_id from actors))
select
    (select count(*) from actors), (select count(*) from actors where seriousness < 3),
    (select count(*) from actors where seriousness > 2),
    (select count(*) from actors where true_person_id in (select true_person_id from inspected)),
    (select count(*) from actors where true_person_id in (select true_person_id from reported)),
    (select count(*) from own_cases), (select count(*) from own_cases where avgjorelse in ('dom', 'tilstaelsesdom')),
    (select count(*) from own_cases where avgjorelse = 'henlagt_bevis'),
    (select count(*) from actors where true_person_id in (select true_person_id from bankrupt))
"""

OWN_LINKS = """
create or replace temp view record as select source, source_record_id, person_id as true_person_id from linked;
create or replace temp view person as select distinct person_id, person_id as true_person_id from linked;
"""


def main(inbox: Path, period: str, window: str) -> int:
    since, until = (f"{year}-{day}" for year, day in zip(window.split(".."), ("01-01", "12-31"), strict=True))
    asked = {"since": since, "until": until}
    with duckdb.connect() as connection:
        _load(connection, inbox, period)
        true = connection.execute(COUNT, asked).fetchone() or ()
        connection.execute(OWN_LINKS)
        linked = connection.execute(COUNT, asked).fetchone() or ()
    with warehouse.connect() as connection:
        told = connection.execute(
            "select measure, numerator from marts.situation((select release_id from meta.releases where period = %s"
            " and status = 'published' order by revision desc limit 1), %s, %s)"
            " where scope = 'national' and base = 'all' order by measure",
            [period, since, until],
        ).fetchall()
    print(f"{'':4}{'pipeline':>10}{'same links':>12}{'true persons':>14}")
    for (measure, numerator), same, known in zip(told, linked, true, strict=True):
        print(f"{measure:4}{numerator:>10}{same:>12}{known:>14}{'' if numerator == same else '  DIFFERS'}")
    return int([numerator for _, numerator in told] != list(linked))


def _load(connection: duckdb.DuckDBPyConnection, inbox: Path, period: str) -> None:
    truth = inbox.resolve().parent / "truth"
    wrong = {
        (row["delivery_id"], row["extract"], int(row["row_number"]))
        for row in _csv(truth / "quarantine.csv", "utf-8", ",")
    }
    tables = {
        "tilsyn": ("arbeidstilsynet", "tilsyn"), "kontroller": ("skatteetaten", "kontroller"), "nav_saker": ("nav", "saker"),
        "politiet_saker": ("politiet", "saker"), "involverte": ("politiet", "involverte"), "decisions": ("sentrene", "beslutninger"),
    }  # fmt: skip
    for name, (agency, extract) in tables.items():
        kept = [row for d in _deliveries(inbox, agency, period) for row in _rows(d, agency, extract, wrong)]
        _register(connection, name, kept)
    register = _deliveries(inbox, "brreg", period)[-1]
    _register(connection, "roller", [
        {"rolle_id": r["rolle_id"], "orgnr": r["organisasjonsnummer"], "code": r["type"]["kode"], "fra": r["fra"], "til": r.get("til")}
        for r in _json(register / "roller.jsonl.gz", wrong)
    ])  # fmt: skip
    _register(connection, "enheter", [
        {"orgnr": e["organisasjonsnummer"], "konkursdato": e.get("konkursdato")} for e in _json(register / "enheter.jsonl.gz", wrong)
    ])  # fmt: skip
    _load_persons(connection, truth, period)


def _load_persons(connection: duckdb.DuckDBPyConnection, truth: Path, period: str) -> None:
    """Whose each record truly is, and whose the pipeline takes it for; a person of its own is whom most of its records are of."""
    records = [row for row in _csv(truth / "person_record.csv", "utf-8", ",") if row["period"] == period]
    _register(connection, "true_record", records)
    true = {(row["source"], row["source_record_id"]): row["true_person_id"] for row in records}
    with warehouse.connect() as store:
        linked = store.execute(
            "select person_id, source, source_record_id from linkage.person_records"
        ).fetchall()
    _register(
        connection,
        "linked",
        [dict(zip(("person_id", "source", "source_record_id"), row, strict=True)) for row in linked],
    )
    votes: dict[str, Counter[str]] = {}
    for person_id, source, source_record_id in linked:
        if (source, source_record_id) in true:
            votes.setdefault(person_id, Counter())[true[source, source_record_id]] += 1
    persons = [{"person_id": p, "true_person_id": v.most_common(1)[0][0]} for p, v in votes.items()]
    _register(connection, "true_person", persons)
    connection.execute(
        "create temp view record as from true_record; create temp view person as from true_person"
    )


def _deliveries(inbox: Path, agency: str, period: str) -> list[Path]:
    """The newest full delivery up to the period; of the centres, every one."""
    found = sorted(p for p in (inbox / agency).iterdir() if p.name.split("-", 1)[1][:7] <= period)
    return found if agency == "sentrene" else found[-1:]


def _rows(
    delivery: Path, agency: str, extract: str, wrong: set[tuple[str, str, int]]
) -> list[dict[str, str]]:
    form = next(f for f in load_contracts()[agency].extract(extract).formats if f.name == "csv")
    encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    rows = _csv(delivery / f"{extract}.csv", encoding, form.delimiter)
    return [row for number, row in enumerate(rows, start=1) if (delivery.name, extract, number) not in wrong]


def _csv(path: Path, encoding: str, delimiter: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _json(path: Path, wrong: set[tuple[str, str, int]]) -> list[dict[str, Any]]:
    delivery_id, extract = path.parent.name, path.name.partition(".")[0]
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = enumerate(file, start=1)
        return [json.loads(line) for number, line in lines if (delivery_id, extract, number) not in wrong]


def _register(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, str]]) -> None:
    columns = [key for key in rows[0] if key is not None]
    table = pa.table({key: pa.array([row.get(key) or None for row in rows], pa.string()) for key in columns})
    connection.register(name, table)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "2014..2025"))
