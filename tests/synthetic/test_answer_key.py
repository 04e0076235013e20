"""The answer key matches the deliveries, and each period continues the one before."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from akrim.contracts import load_contracts
from akrim.rules import read_seed
from akrim.synthetic.answer_key import INVOLVEMENT_DAYS
from akrim.synthetic.delivery.bad_rows import CODES, candidates
from akrim.synthetic.world.roles import LEADING

from tests.synthetic.conftest import AGENCIES, Made, ask, identified, make, rows_of

PERSON_ROWS = {
    ("skatteetaten", "personer", "personer.parquet"): "part_id",
    ("nav", "personer", "personer.csv"): "nav_id",
    ("politiet", "personer", "personer.csv"): "person_lopenr",
    ("arbeidstilsynet", "personer_paa_stedet", "personer_paa_stedet.csv"): "observasjon_id",
}


ROW_CODES = set(CODES) - {"unknown_reference"}


@pytest.mark.usefixtures("home")
def test_the_key_has_of_a_bankruptcy_whom_the_definitions_count() -> None:
    days = {row["definition_code"]: row["quantity"] for row in read_seed("definitions")}
    leading = {row["role_code"] for row in read_seed("role_codes") if row["is_leading"] == "true"}
    assert (str(INVOLVEMENT_DAYS), set(LEADING)) == (days["bankruptcy_involvement"], leading)


@pytest.mark.parametrize(("agency", "extract", "name"), PERSON_ROWS)
def test_every_right_person_row_is_in_the_key_and_no_other(
    world: Made, agency: str, extract: str, name: str
) -> None:
    column = PERSON_ROWS[agency, extract, name]
    differing = ask(
        """
        with known as (select source_record_id as id from person_record
                  where period = '2026-T1' and source = $1 and extract = $2),
        wrong as (select key as id from quarantine where period = '2026-T1' and agency = $1 and extract = $2)
        (select id from known except select id from sent)
        union all (select id from sent where id is not null except select id from known except select id from wrong)""",
        agency,
        extract,
        sent=identified(rows_of(world, agency, "2026-T1", name), column),
        person_record=world.key("person_record"),
        quarantine=world.key("quarantine"),
    )
    assert differing == []


def test_an_ok_number_is_the_persons_own(world: Made) -> None:
    wrong = ask(
        """
        select count(*) from sent
        join record on record.source_record_id = sent.part_id
             and record.period = '2026-T1' and record.source = 'skatteetaten'
        join person using (true_person_id)
        where (record.ident_kind = 'ok') <> coalesce(sent.ident in (person.fodselsnummer, person.d_nummer), false)""",
        sent=rows_of(world, "skatteetaten", "2026-T1", "personer.parquet"),
        record=world.key("person_record"),
        person=world.key("person"),
    )
    assert wrong == [(0,)]


def test_every_row_code_is_there_and_the_wrong_rows_are_few(world: Made) -> None:
    key = world.key("quarantine")
    codes = {code for (code,) in ask("select distinct code from key where period = '2026-T1'", key=key)}
    assert codes == ROW_CODES
    worst = ask(
        """
        select max(n) from (select count(*) as n from key
                            where code <> 'forbidden_role' group by delivery_id, extract)""",
        key=key,
    )
    assert worst[0][0] <= 10


@pytest.mark.parametrize("agency", load_contracts())
def test_an_empty_role_is_a_forbidden_one_and_nothing_else(agency: str) -> None:
    for extract in load_contracts()[agency].extracts:
        table = pa.table({column.path: pa.array([], pa.string()) for column in extract.columns})
        wanting, forbidden = (
            candidates(extract, table, code) for code in ("empty_required", "forbidden_role")
        )
        assert wanting
        assert not {column.path for column in wanting} & {column.path for column in forbidden}


def test_without_bad_rows_there_is_nothing_to_set_aside(tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2025-T3", persons=1000, bad_rows=False)
    assert ask("select count(*) from key", key=made.key("quarantine")) == [(0,)]


def test_the_key_gathers_periods_in_any_order(world: Made, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2026-T1")
    make(made.inbox, "2025-T3")
    make(made.inbox, "2025-T2")
    make(made.inbox, "2025-T3")
    for name in ("person_record.csv", "quarantine.csv"):
        assert (made.truth / name).read_bytes() == (world.truth / name).read_bytes(), name


def test_a_later_period_keeps_what_was_and_adds_to_it(world: Made) -> None:
    additions = 0
    for agency, name, key in (
        ("arbeidstilsynet", "tilsyn.csv", "tilsyn_id"),
        ("nav", "saker.csv", "sak_id"),
        ("skatteetaten", "personer.parquet", "part_id"),
        ("skatteetaten", "arbeidsforhold.parquet", "arbeidsforhold_id"),
    ):
        earlier, later = (
            identified(rows_of(world, agency, period, name), key) for period in ("2025-T3", "2026-T1")
        )
        gone = """
            select id from these where id is not null and id not in (select key from wrong where key is not null)
            except select id from others"""
        lost = ask(gone, these=earlier, others=later, wrong=world.key("quarantine"))
        added = ask(gone, these=later, others=earlier, wrong=world.key("quarantine"))
        assert lost == [], name
        additions += len(added)
    assert additions > 10


def test_a_delta_holds_only_what_changed(world: Made, tmp_path: Path) -> None:
    made = make(tmp_path / "inbox", "2026-T1", mode="delta", bad_rows=False)
    changed = rows_of(made, "skatteetaten", "2026-T1", "personer.parquet")
    before = rows_of(world, "skatteetaten", "2025-T3", "personer.parquet")
    assert ask(
        "select count(*) from (select * exclude (_slettet) from changed where _slettet = 'N' intersect from before)",
        changed=changed,
        before=before,
    ) == [(0,)]
    both = "select (select count(*) from changed) / (select count(*) from before)"
    share = ask(both, changed=changed, before=before)[0][0]
    assert 0 < share < 0.2
    removed = ask(
        "select count(*) from sent where _slettet = 'J'",
        sent=rows_of(made, "skatteetaten", "2026-T1", "restanser.csv"),
    )
    assert removed[0][0] > 0


def test_an_interrupted_delivery_is_made_whole_by_the_next_call(world: Made, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    shutil.copytree(world.inbox, inbox)
    folder = inbox / "nav" / "nav-2026-T1-01"
    (folder / "manifest.json").unlink()
    (folder / "saker.csv").write_text("half", encoding="utf-8")
    make(inbox, "2026-T1", agencies=("nav",))
    assert (folder / "saker.csv").read_bytes() == (world.folder("nav", "2026-T1") / "saker.csv").read_bytes()
    assert (folder / "manifest.json").exists()
    assert set(AGENCIES) == {path.name for path in inbox.iterdir()}
