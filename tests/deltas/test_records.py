"""Lists of records and the JSON text of jsonb are the same rows: nothing is lost, and an earlier release's text is no change."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from akrim.deltas import IdentityChanges, as_records, as_texts, check, write_delta

# As PostgreSQL writes them.
TEXTS = [
    '[{"date": "2026-02-22", "orgnr": "200000039", "agency": "brreg", "extract": "enheter", "source_row_id": "200000039"}]',
    '[{"date": null, "orgnr": null, "agency": "nav", "extract": "saker", "weak_link": true}]',
    '[{"date": "2025-01-02", "orgnr": null, "agency": "nav", "extract": "åpne", "lent_name": true, "source_row_id": "a\\"b"}]',
    '[{"date": null, "orgnr": "200000055", "agency": "brreg", "extract": "roller", "through": ["200000039", "200000047"]}]',
    "[]",
    None,
]


def observations(*evidence: str | None) -> pa.Table:
    ids = [f"P{place}" for place, _ in enumerate(evidence)]
    return pa.table({"person_id": ids, "evidence": pa.array(evidence, pa.string())})


def written(folder: Path, release_id: str, earlier: str | None, data: pa.Table, before: pa.Table) -> Path:
    """A centre's folder with that table as it stands."""
    (folder / "data").mkdir(parents=True)
    pq.write_table(data, folder / "data" / "observations.parquet", store_schema=False)
    about = {"release_id": release_id, "recipient": "oslo", "previous": earlier}
    (folder / "manifest.json").write_text(json.dumps(about))
    tables = {"observations": as_texts(data)}
    write_delta(
        folder,
        about,
        {"observations": as_texts(before)},
        tables,
        {"observations": ("person_id",)},
        IdentityChanges(),
    )
    return folder


def test_the_text_comes_back_to_the_letter() -> None:
    table = observations(*TEXTS)
    assert as_texts(as_records(table)).equals(table)


def test_marks_are_false_where_they_are_not_set_and_dates_are_dates() -> None:
    (first, *_), *_ = as_records(observations(*TEXTS))["evidence"].to_pylist()
    assert (first["date"].isoformat(), first["weak_link"], first["source_row_id"]) == (
        "2026-02-22", False, "200000039",
    )  # fmt: skip


def test_a_field_that_no_schema_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="strength"):
        as_records(observations('[{"strength": 1}]'))


@pytest.mark.parametrize("is_text", [True, False])
def test_a_release_follows_one_that_held_texts_and_one_that_held_records(
    tmp_path: Path, is_text: bool
) -> None:
    old, new = observations(*TEXTS), observations(*TEXTS[:1], *TEXTS)
    held = old if is_text else as_records(old)
    base = written(tmp_path / "1", "r1", None, held, old.slice(0, 0))
    folder = written(tmp_path / "2", "r2", "r1", as_records(new), held)
    entry: dict[str, Any] = json.loads((folder / "delta.json").read_text())["tables"]["observations"]
    assert check(folder, base) == []
    assert (entry["added"], entry["changed"], entry["removed"]) == (1, 5, 0)


def test_text_alone_is_no_change(tmp_path: Path) -> None:
    old = observations(*TEXTS)
    folder = written(tmp_path / "1", "r2", "r1", as_records(old), old)
    entry = json.loads((folder / "delta.json").read_text())["tables"]["observations"]
    assert entry["state_before"] == entry["state_after"]
    assert pq.read_table(folder / "delta" / "observations.parquet").num_rows == 0
