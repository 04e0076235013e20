"""Spark, on this machine, against DuckDB: the same pairs and persons, the same weights to the bit."""

import os
import random
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from akrim.errors import UserError
from akrim.linkage.model.file import load_model
from akrim.linkage.spark import screening

from tests.conftest import configure
from tests.linkage.person_records import Record, linked, person_number, record
from tests.linkage.population import damaged, population

PERSONS = 1200
# Composed and decomposed letters, other scripts, a character beyond the basic plane, a letter alone, none at all, and words
# that differ by a transposition at the very start, which measures of likeness count differently.
AWKWARD = (
    "Åse-Marié", "A\u030ase Marie\u0301", "Мария", "Мраия", "李小龙", "小李龙", "😀 Ola", "Ola 😀", "O", "", "  ", "d'Angelo", "D’Angelo", "ﬁnn", "Straße",
    "Nalia", "Natalia", "Kenbakken", "Kkenbakken", "Verveien", "Erveien", "Abdul Rahman", "Rahman Abdul",
)  # fmt: skip

needs_java = pytest.mark.skipif(
    not (shutil.which("java") or os.environ.get("JAVA_HOME")),
    reason="Spark needs Java, which is not installed here",
)
Rows = list[tuple[Any, ...]]


def made_up() -> list[Record]:
    """Some three thousand records: ordinary ones, and awkward names, gaps, a crowded address and a telephone that many share."""
    chance = random.Random(16)
    records = population(16, PERSONS)
    for one in records:
        if chance.random() < 0.5:
            one["phone"] = f"4{chance.randint(0, 400):07d}"
        one["municipality_code"] = chance.choice(("0301", "3403", "5001", None))
    for number in range(600):
        born = date(1985, 1, 1) + timedelta(days=chance.randint(0, 60))
        given, family = chance.choice(AWKWARD), chance.choice(AWKWARD)
        is_in_barracks = chance.random() < 0.5
        awkward = record(
            chance.choice(("nav", "brreg")), f"awkward-{number}", given_name=given, middle_name=chance.choice((None, *AWKWARD)),
            family_name=f"{family} {chance.choice(AWKWARD)}" if chance.random() < 0.3 else family, birth_date=str(born),
            street_address="Brakkeveien 1" if is_in_barracks else f"{chance.choice(AWKWARD)} {chance.randint(1, 9)}",
            postcode=chance.choice(("0150", "0151", "SW1A 2AA", "SW1A 2AB")), phone="+47 400 00 000" if is_in_barracks else None,
            identifier=person_number(born, chance.randint(0, 3), d_number=chance.random() < 0.3),
        )  # fmt: skip
        records.append(damaged(awkward, chance))
    return records


def found(con: duckdb.DuckDBPyConnection) -> dict[str, Rows]:
    return {
        table: con.execute(f"from {table} order by all").fetchall()
        for table in ("scored", "pairs", "clusters", "membership")
    }


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, which must be left empty."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def on_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, AKRIM_LINKAGE_BACKEND="spark", AKRIM_SPARK_MASTER="local[2]")


@needs_java
@pytest.mark.slow
@pytest.mark.installation
def test_the_same_persons_pairs_and_weights(
    home: Path, left: Path, on_spark: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Spark's own weights too, but for their last bits, so that no pair is lost for a level that it takes otherwise."""
    records = made_up()
    # An address that this machine's Spark and fsspec both read: the way that a bucket goes, too.
    configure(monkeypatch, AKRIM_LINKAGE_EXCHANGE=f"file://{left}")
    weighed: Rows = []
    take_back = screening.Exchange.take_back

    def looked_at(exchange: screening.Exchange, table: str) -> str:
        files = take_back(exchange, table)
        weighed.extend(
            duckdb.sql(f"select description_id_l, description_id_r, match_weight from '{files}'").fetchall()
        )
        return files

    monkeypatch.setattr(screening.Exchange, "take_back", looked_at)
    with linked(records) as con:
        by_spark = found(con)
        consider = load_model(con).thresholds["consider"]
    said = capfd.readouterr()
    configure(monkeypatch, AKRIM_LINKAGE_BACKEND="duckdb")
    with linked(records) as con:
        by_duckdb = found(con)

    assert len(by_duckdb["scored"]) > 2000
    assert by_spark == by_duckdb
    of_spark = {(one, other): weight for one, other, weight in weighed}
    of_duckdb = {(one, other): weight for weight, one, other in by_duckdb["scored"]}
    assert of_spark.keys() >= of_duckdb.keys()
    assert all(abs(of_spark[pair] - weight) < screening.MARGIN / 1000 for pair, weight in of_duckdb.items())
    assert all(weight < consider for pair, weight in of_spark.items() if pair not in of_duckdb)

    assert list(left.iterdir()) == []
    assert not [r for r in records if (r["identifier"] or "none") in said.out + said.err]
    assert said.err == ""


@needs_java
@pytest.mark.slow
@pytest.mark.installation
def test_its_ports_let_in_none_of_the_machines_other_users(home: Path, left: Path) -> None:
    """They lie open on the loopback, and what they serve is what is compared of persons."""
    code = (
        "import sys; from pathlib import Path; from akrim.linkage.spark.job import open_session;"
        "session = open_session('local[1]', Path(sys.argv[1]));"
        "print(session.sparkContext.getConf().get('spark.authenticate'));"
        "session.stop()"
    )
    asked = subprocess.run([sys.executable, "-c", code, left], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["true"]


@needs_java
@pytest.mark.slow
@pytest.mark.installation
def test_a_job_that_fails_is_named_and_no_more(
    home: Path, left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Spark itself says may show what is in records; here it would show a path. It comes so far in a folder of any name, by any locale."""
    monkeypatch.setenv("LC_ALL", "POSIX")
    scratch = left / """50% 'æ' "ø" \\ å"""
    scratch.mkdir()
    job = {
        "master": "local[1]",
        "scratch": str(scratch),
        "tables": {"descriptions": str(home / "Kari Nordmann")},
    }
    with pytest.raises(UserError, match="did not get done: PATH_NOT_FOUND") as told:
        screening._run(job)
    assert "Kari" not in str(told.value)
