"""Where an export may be written, and that nothing is made where there is nothing to write."""

from pathlib import Path

import pytest
from akrim.errors import UserError
from akrim.subjects import export_subject


def test_of_somebody_unknown_nothing_is_written_and_no_folder_is_made(warehouse: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Nothing is held about PAAAAAAAAAAAA"):
        export_subject("PAAAAAAAAAAAA", tmp_path / "a" / "b", "Kari Vakt", "innsyn 1")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", ["full", "file", "file/under", "x" * 300, "/proc/akrim/new"])
def test_a_folder_that_cannot_be_made_or_holds_something_is_refused_before_any_work(
    name: str, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept.txt").write_text("kept")
    (tmp_path / "file").write_text("kept")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match="That is no folder that is new or empty") as error:
        export_subject("PAAAAAAAAAAAA", tmp_path / name, "Kari Vakt", "innsyn 1")
    assert error.value.where == str(tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before  # not even a home folder with its database
