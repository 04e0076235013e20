"""`akrim.analysis`: the assessed world's marts as an analyst's data frames, and the notebook that uses them."""

import json

import pyarrow as pa
import pytest
from akrim import warehouse
from akrim.analysis import list_marts, read_mart
from akrim.errors import UserError
from akrim.settings import PROJECT_ROOT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("world")]

RELEASE = "2025-T3.1"
NOTEBOOK = PROJECT_ROOT / "docs" / "notebooks" / "first_look.ipynb"


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


def test_the_reader_is_the_analysts_role() -> None:
    with warehouse.connect() as connection:
        connection.execute("revoke select on marts.persons from akrim_analyst")
    assert "persons" not in list_marts()
    with pytest.raises(UserError, match="no mart 'persons'"):
        read_mart("persons")


def test_the_notebook_runs_and_was_committed_without_outputs() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in cells] == [([], None)] * len(cells)
    known: dict[str, object] = {}
    for cell in cells:
        exec("".join(cell["source"]), known)  # noqa: S102  # the repository's own notebook
    assert {name: len(known[name]) > 0 for name in ("lists", "rules", "unchecked")} == {
        "lists": True, "rules": True, "unchecked": True,
    }  # fmt: skip
