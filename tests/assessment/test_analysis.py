"""`akrim.analysis`: the assessed world's marts as an analyst's data frames, and the notebooks that use them."""

import json
import re
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from akrim import warehouse
from akrim.analysis import draw, list_marts, list_releases, read_mart, share
from akrim.errors import UserError
from akrim.settings import PROJECT_ROOT
from psycopg.types.json import Jsonb

from tests.ledger.entering import enter_release

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

RELEASE = "2025-T3.1"
NOTEBOOKS = PROJECT_ROOT / "docs" / "notebooks"
EARLIER = "2025-T2.1"
COPIED = """
insert into marts.{mart} select (jsonb_populate_record(mart, jsonb_build_object('release_id', %(earlier)s::text))).*
from marts.{mart} as mart
"""
# One more of each that is none: a role in the same bankrupt enterprise, a case of the same report, a report that was withdrawn, a decision of
# another centre's and a case from after the cut-off date.
NO_MORE = (
    ("bankruptcy_involvements", "where orgnr = '210430768'", {"role_id": "r2b", "role_code": "LEDE"}),
    ("case_outcomes", "", {"case_number": "c9", "outcome_class": "transferred", "days_pending": 9}),
    ("case_outcomes", "", {"reference": "k9", "outcome_class": "conviction", "is_withdrawn": True}),
    ("assessments", "where release_id = '2025-T2.1' and centre_id = 'alta'", {"centre_id": "bodo"}),
    ("prioritisations", "where decision_id = 'b2'", {"decision_id": "b9", "centre_id": "bodo", "priority_code": "avslutt"}),
    ("offence_cases", "where case_number = 'c2'", {"case_number": "c9", "reported_date": "2026-01-01", "outcome_date": "2026-01-02"}),
)  # fmt: skip
LIKE_IT = "insert into marts.{mart} select (jsonb_populate_record(mart, %s)).* from marts.{mart} as mart {which} limit 1"


@pytest.fixture(autouse=True)
def published(world: None) -> None:
    with warehouse.connect() as connection:
        connection.execute("update meta.releases set published_at = now() where release_id = %s", [RELEASE])


def test_a_mart_is_a_data_frame_with_arrows_types() -> None:
    frame = read_mart("indicator_observations", release=RELEASE)
    kinds = {name: kind.pyarrow_dtype for name, kind in frame.dtypes.items()}
    expected = {
        "person_id": pa.string(),
        "points": pa.int32(),
        "value": pa.float64(),
        "evidence": pa.string(),
    }
    assert {name: kinds[name] for name in expected} == expected
    convicted = frame[(frame.person_id == "aas") & (frame.indicator_code == "convicted")].iloc[0]
    assert (convicted.points, convicted.value) == (15, 1.0)
    assert [item["source_row_id"] for item in json.loads(convicted.evidence)] == ["c2"]


def test_every_mart_is_listed_with_what_a_row_is_and_can_be_read() -> None:
    marts = list_marts()
    assert {"assessments", "persons", "releases"} <= set(marts)
    assert [name for name, told in marts.items() if not told.startswith("One row per release")] == []
    for name in marts:
        assert set(read_mart(name).release_id) <= {RELEASE}


@pytest.mark.parametrize(
    ("mart", "release", "told"),
    [
        ("assesments", "", r"no mart 'assesments'(?s:.*) assessments,"),
        ("persons; drop table marts.persons", "", "no mart"),
        ("person_records", "", "no mart"),
        ("assessments", "2031-T1.1", rf"no published release '2031-T1.1'(?s:.*) {RELEASE}"),
        ("assessments", "' or true --", "no published release"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(mart: str, release: str, told: str) -> None:
    with pytest.raises(UserError) as refused:
        read_mart(mart, release)
    assert refused.match(told)


def test_a_release_that_is_still_being_made_is_no_release_to_read() -> None:
    with warehouse.connect() as connection:
        connection.execute("update meta.releases set published_at = null, status = 'building'")
    with pytest.raises(UserError, match="No release is published"):
        read_mart("assessments")


def test_no_release_is_listed_that_was_taken_back_or_comes_after_the_newest() -> None:
    with warehouse.connect() as connection:
        for release_id, day, status in (
            ("2025-T1.1", "2025-04-30", "recalled"),
            ("2025-T2.1", "2025-08-31", "superseded"),
            ("2025-T2.2", "2025-08-31", "published"),
            ("2025-T2.3", "2025-08-31", "erased"),
            ("2026-T1.1", "2026-04-30", "superseded"),
            ("2026-T1.2", "2026-04-30", "recalled"),
        ):
            enter_release(connection, release_id, status, as_of=day, published_at="2026-11-01")
    assert list(list_releases().release_id) == ["2025-T2.1", "2025-T2.2", RELEASE]


def test_the_reader_is_the_analysts_role() -> None:
    with warehouse.connect() as connection:
        connection.execute("revoke select on marts.persons from akrim_analyst")
    assert "persons" not in list_marts()
    with pytest.raises(UserError, match="no mart 'persons'"):
        read_mart("persons")


def run_notebook(name: str) -> dict[str, Any]:
    """What the notebook's cells leave; it was committed without outputs, and warns of nothing that a later pandas lacks."""
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))["cells"]
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells)
    known: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        for cell in cells:
            exec("".join(cell["source"]), known)  # noqa: S102  # the repository's own notebook
    return known


def test_the_first_look_sees_something() -> None:
    known = run_notebook("first_look")
    assert all(len(known[name]) > 0 for name in ("lists", "rules", "unchecked"))


def test_the_evaluation_finds_what_the_world_was_made_to_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier release had the same lists; since its cut-off date the one on them was convicted and went bankrupt again."""
    with warehouse.connect() as connection:
        enter_release(connection, EARLIER, as_of="2024-10-31", published_at="2025-09-01")
        for mart in ("assessments", "indicator_observations"):
            connection.execute(COPIED.format(mart=mart).encode(), {"earlier": EARLIER})
        for mart, which, changed in NO_MORE:
            connection.execute(LIKE_IT.format(mart=mart, which=which).encode(), [Jsonb(changed)])
    folder = tmp_path / "without"
    folder.mkdir()
    row = {
        "proposed_status": "trusselaktor",
        "before": 4,
        "kept": 1,
        "lowered": 1,
        "unproposed": 0,
        "left": 2,
        "unknown": 1,
    }
    (folder / "nav.json").write_text(json.dumps({"statuses": [row]}))
    monkeypatch.chdir(tmp_path)
    known = run_notebook("evaluation")
    assert known["lags"].value["list to decision"] == (date(2025, 10, 20) - date(2024, 10, 31)).days
    assert known["lags"].value["first signal to list"] == (date(2024, 10, 31) - date(2022, 6, 1)).days
    assert known["by_agency"].loc["skatteetaten", ["counted", "total"]].tolist() == [0, 1]
    pointed = known["right_later"].loc["serial_bankruptcy"]
    assert (pointed.value, pointed.counted, pointed.total) == (100, 1, 1)
    assert 20 < pointed.low < 21  # Wilson's interval of one in one
    assert known["thresholds"].counted.iloc[0] == 1
    convicted = known["afterwards"].loc["convicted", "prioritised"]
    assert (convicted.counted, round(convicted.total, 2)) == (1, round(426 / 365.25, 2))
    assert known["afterwards"].loc["bankrupt", "prioritised"].counted == 1
    assert "decided otherwise" not in known["afterwards"].loc["bankrupt"].index
    assert known["waiting"].sum().to_dict() == {"reports": 1, "not_concluded": 0, "without_case": 0}
    assert known["missed"].value["nav"] == 75


def test_the_evaluation_of_a_world_without_lists_shows_no_lags() -> None:
    with warehouse.connect() as connection:
        connection.execute("delete from marts.assessments")
    assert len(run_notebook("evaluation")["lags"]) == 0


def test_a_drawing_bears_its_figures_and_nothing_of_a_label_is_markup() -> None:
    figures = share(pd.Series({"<b>few": 1, "many": 30}), pd.Series({"<b>few": 2, "many": 40, "nobody": 0}))
    drawn = draw(figures, "Shares & more", "%")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", str(drawn))
    assert texts[0] == "Shares &amp; more"
    assert "&lt;b&gt;few" in texts
    assert "75 (60–86), 30 of 40" in texts
    assert str(drawn).count('class="hollow"') == str(drawn).count('class="solid"') == 1
    assert str(draw(figures.iloc[:0], "Nobody", "%")).count("circle") == 0
