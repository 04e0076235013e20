"""Where an export may be written, and that nothing is made where there is nothing to write."""

import errno
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.subjects import export, export_subject, page, reading

from tests.ledger.entering import enter_release, enter_run
from tests.releases.tables import create_marts
from tests.subjects.test_page import TOLD

SAYS_WHY = {
    "Nothing is held about PAAAAAAAAAAAA.": "select",
    "Nothing is held about PAAAAAAAAAAAA, who was erased on 2026-05-02.": "insert into meta.erasures"
    " values (default, 'PAAAAAAAAAAAA', '{}', 1, 'Kari Vakt', 'asked', '2026-05-02')",
    "Nothing is held about PAAAAAAAAAAAA, who was erased on 2026-05-03.": "insert into meta.erasures"
    " values (default, 'PBBBBBBBBBBBB', '{}', 1, 'Kari Vakt', 'asked', '2026-05-03');"
    " insert into linkage.person_id_history values ('PBBBBBBBBBBBB', 'PAAAAAAAAAAAA', '2025-T3.1', 'merged')",
    "There are rows of toll.personer, of which there is no contract any more.": "insert into linkage.memberships"
    " (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)"
    " values ('toll', 'personer', 'n1', '', 'PAAAAAAAAAAAA', 'single', '2025-T3.1');"
    " insert into meta.deliveries (delivery_id, manifest_sha256, agency, status, folder, folder_fingerprint)"
    " values ('toll-2025-T3-01', '', 'toll', 'accepted', '', '');"
    " insert into meta.delivery_files (delivery_id, manifest_sha256, extract, rows_loaded)"
    " values ('toll-2025-T3-01', '', 'personer', 1);"
    " update meta.releases set status = 'published'",
    "No release is in force: 2025-T3.1 was recalled.": "insert into linkage.memberships"
    " (source, extract, source_record_id, content_digest, person_id, link_kind, valid_from_release)"
    " values ('nav', 'personer', 'n1', '', 'PAAAAAAAAAAAA', 'single', '2025-T3.1')",
}


@pytest.mark.parametrize("told", SAYS_WHY)
def test_where_there_is_nothing_to_tell_no_folder_is_made(told: str, warehouse: str, tmp_path: Path) -> None:
    with psycopg.connect(warehouse) as connection:
        create_marts(connection, "indicator_observations")
        enter_release(connection, "2025-T3.1", "recalled", published_at="now")
        enter_release(connection, "2025-T2.1", "recalled", published_at="now")
        enter_run(connection, "2025-T3.1")
        connection.execute(SAYS_WHY[told].encode())
    with pytest.raises(UserError) as refused:
        export_subject("PAAAAAAAAAAAA", tmp_path / "a" / "b", "Kari Vakt", "innsyn 1")
    assert refused.value.what == told
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


def test_a_row_set_aside_of_an_agency_without_a_contract_is_told_of_without_its_fields() -> None:
    row = reading._set_aside({"agency": "toll", "extract": "personer", "raw": None}, is_protected=False)
    assert row == {"agency": "toll", "extract": "personer", "fields": {}}
    assert page._fields(row, "en") == []


def test_of_an_export_that_the_disk_has_no_room_for_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        path.write_bytes(content)

    monkeypatch.setattr(export, "write_whole", write)
    with pytest.raises(OSError, match="No space left"):
        export._write(tmp_path / "new", TOLD | {"asked_for": "PAAAAAAAAAAAA"})
    assert list((tmp_path / "new").iterdir()) == []
