"""Requests and their errors; the centres' decisions on a release."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.contracts import load_contracts
from akrim.errors import UserError
from akrim.periods import Period
from akrim.synthetic.delivery.decisions import decide
from akrim.synthetic.delivery.delivery import DeliverySpec
from akrim.synthetic.world.randomness import Chance

from tests.synthetic.conftest import AGENCIES, ask, identified, make


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """What of a release's folder the generator reads."""
    for centre in ("oslo", "alta", "uten_senter"):
        folder = tmp_path / "2025-T3.1" / centre / "data"
        folder.mkdir(parents=True)
        rows = [
            {
                "release_id": "2025-T3.1",
                "centre_id": centre,
                "person_id": f"p-{centre}-{n}",
                "rank": n,
                "points": 9,
            }
            for n in range(1, 21)
        ]
        pq.write_table(pa.Table.from_pylist(rows), folder / "assessments.parquet")
    return tmp_path / "2025-T3.1"


def test_centres_decide_on_the_releases_own_persons(release: Path, tmp_path: Path) -> None:
    made = make(
        tmp_path / "inbox", "2025-T3", persons=1000, agencies=("nav",), bad_rows=False, decisions_on=release
    )
    folder = made.folder("sentrene", "2025-T3")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))

    def sent(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
        return con.read_csv(str(folder / "beslutninger.csv"), delimiter=";", all_varchar=True)

    assert (manifest["mode"], manifest["files"][0]["rows"]) == ("delta", 24)
    counts = "select senter, count(*), count(distinct beslutning_id) from sent group by 1 order by 1"
    assert ask(counts, sent=sent) == [("alta", 12, 12), ("oslo", 12, 12)]
    others = "select count(*) from sent where person_id not like 'p-' || senter || '-%'"
    assert ask(others, sent=sent) == [(0,)]
    agreed = load_contracts()["sentrene"].extract("beslutninger")
    for column in agreed.columns:
        if column.codes:
            codes = {
                code for (code,) in ask("select distinct id from sent", sent=identified(sent, column.path))
            }
            assert codes <= set(column.codes), column.path


def test_few_decisions_contradict_themselves(release: Path) -> None:
    """As by a slip: whom a team dismisses it asks no work on, and what it closes has no measure."""
    at_rest = [
        row
        for seed in range(20)
        for row in decided_on(release, seed)
        if row["status"] == "avskrevet" or row["prioritering"] == "avslutt"
    ]
    slips = [row for row in at_rest if row["prioritering"] != "avslutt" or row["tiltak"]]
    assert 0 < len(slips) < len(at_rest) / 5


def decided_on(release: Path, seed: int) -> list[dict[str, str]]:
    spec = DeliverySpec("sentrene", Period.parse("2025-T3"), bad_rows=False)
    (file,) = decide(Chance(seed), spec, release).files
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))


def test_wrong_decisions_refer_to_what_never_was(release: Path, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", persons=1000, agencies=("nav",), decisions_on=release)
    wrong = ask("select count(*) from key where agency = 'sentrene'", key=made.key("quarantine"))
    assert wrong == [(3,)]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"period": "2014-T3"}, "--period"),
        ({"period": "2033-T1"}, "--period"),
        ({"mode": "partial"}, "--mode"),
        ({"mode": "delta", "period": "2015-T1"}, "--mode"),
        ({"agencies": ("tolletaten",)}, "--agency"),
        ({"bad": ("no_such_code",)}, "--bad"),
        ({"decisions_on": Path("nowhere")}, "nowhere"),
    ],
)
def test_what_cannot_be_made_is_said_in_plain_words(
    tmp_path: Path, more: dict[str, object], where: str
) -> None:
    wanted = {"period": "2025-T3", "persons": 1000, "agencies": ("nav",)} | more
    with pytest.raises(UserError) as error:
        make(tmp_path / "inbox", **wanted)
    assert error.value.where == where
    assert error.value.next_step
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("agency", AGENCIES)
def test_a_delta_comes_also_where_there_was_nothing_of_an_extract_before(agency: str, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2015-T2", persons=1000, agencies=(agency,), mode="delta")
    manifest = json.loads((made.folder(agency, "2015-T2") / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["mode"] == "delta"


def test_nothing_is_left_beside_a_file_that_was_taken_for_an_inbox(tmp_path: Path) -> None:
    (tmp_path / "inbox").touch()
    with pytest.raises(FileExistsError):
        make(tmp_path / "inbox", "2025-T3", persons=1000, agencies=("nav",))
    assert [left.name for left in tmp_path.iterdir()] == ["inbox"]


def test_an_inbox_is_of_one_world(tmp_path: Path) -> None:
    make(tmp_path / "inbox", "2025-T3", persons=1000, seed=1, agencies=("nav",))
    with pytest.raises(UserError, match="another world"):
        make(tmp_path / "inbox", "2026-T1", persons=1000, seed=2, agencies=("nav",))


def test_the_command_names_what_it_made(tmp_path: Path) -> None:
    from akrim.commands.synth import synth
    from typer import Typer
    from typer.testing import CliRunner

    app = Typer()
    app.command()(synth)
    arguments = [
        "--out",
        str(tmp_path / "inbox"),
        "--period",
        "2025-T3",
        "--persons",
        "1000",
        "--agency",
        "nav",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert str(tmp_path / "inbox" / "nav" / "nav-2025-T3-01") in result.output
