"""What a home with the gated releases holds: the tables and texts of a recipient's part."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from akrim.contracts import NATIONAL
from akrim.deltas import as_texts

from tests.made_home import query
from tests.releases.reading import text_of
from tests.sharing.gated_releases import CLOSED

Row = dict[str, Any]


def table(home: Path, release_id: str, centre_id: str, name: str) -> list[Row]:
    """The file's rows, with lists of records as the text that the database has of them."""
    path = home / "releases" / release_id / centre_id / "data" / f"{name}.parquet"
    rows: list[Row] = as_texts(pq.read_table(path)).to_pylist()
    return rows


def observations(home: Path, release_id: str, centre_id: str) -> dict[tuple[str, str], Row]:
    found = table(home, release_id, centre_id, "indicator_observations")
    return {(row["person_id"], row["indicator_code"]): row for row in found}


def whole(home: Path, release_id: str) -> dict[str, list[Row]]:
    """All that the closed centre's files hold, by table, without the release's own name."""
    names = {path.stem for path in (home / "releases" / release_id / CLOSED / "data").glob("*.parquet")}
    return {
        name: [row | {"release_id": ""} for row in table(home, release_id, CLOSED, name)] for name in names
    }


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """What the files for people say: the page and the print."""
    yield "html", (folder / "assessment.html").read_text("utf-8")
    yield "pdf", " ".join(text_of(path) for path in sorted(folder.glob("*.pdf")))


def part(home: Path, release_id: str) -> Path:
    return home / "releases" / release_id / NATIONAL


def national_table(home: Path, release_id: str, name: str) -> list[Row]:
    """Its rows without the release's own name."""
    rows = table(home, release_id, NATIONAL, name)
    return [{name: value for name, value in row.items() if name != "release_id"} for row in rows]


def all_text(home: Path, release_id: str) -> str:
    """Everything that any file of the part says."""
    files = [path for path in part(home, release_id).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".pdf", ".json", ".minisig", ".parquet"}
    return "\n".join(
        text_of(path) if path.suffix == ".pdf"
        else str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet"
        else path.read_text("utf-8")
        for path in files
    )  # fmt: skip


def marks_of_persons(home: Path, release_id: str) -> dict[str, set[str]]:
    """Ids, names and streets of everybody whom the release describes, by person."""
    rows = query(
        home,
        "select person_id, full_name, street_address from marts.persons where release_id = %s",
        release_id,
    )
    return {row[0]: {mark for mark in row if mark} for row in rows}
