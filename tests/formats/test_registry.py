"""A new export format is one module: found, checked against the setting, and written for every centre."""

import textwrap
from pathlib import Path

import akrim.formats
import pytest
from akrim import ledger
from akrim.errors import UserError
from akrim.formats import check_exports, read_vocabulary
from akrim.formats.registry import formats
from akrim.releases.snapshot import SnapshotInputs, build_snapshot
from akrim.report import read_reference
from akrim.sharing import shared_columns

from tests.releases import world

ONE_MODULE = """
    import json
    from akrim.formats.files import export_path
    from akrim.formats.registry import Format

    def write(folder, snapshot):
        counts = {name: table.num_rows for name, table in snapshot.tables.items()}
        export_path(folder, "counts.json").write_text(json.dumps(counts))

    FORMAT = Format("counts", write, on_request=True)
"""


@pytest.fixture
def counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_further_format.py").write_text(textwrap.dedent(ONE_MODULE))
    monkeypatch.setattr(akrim.formats, "__path__", [*akrim.formats.__path__, str(tmp_path)])


def test_every_format_has_a_name_of_its_own() -> None:
    names = [form.name for form in formats()]
    assert len(names) == len(set(names))


def test_an_unknown_export_is_refused_with_those_that_there_are(counts: None) -> None:
    known = sorted(form.name for form in formats() if form.on_request)
    assert {"bods", "counts", "ftm"} <= set(known)
    check_exports(known)
    with pytest.raises(UserError, match=rf"`parchment`(.|\n)*{', '.join(known)}"):
        check_exports(["parchment"])


@pytest.mark.slow
def test_a_module_is_all_that_a_further_format_takes(
    counts: None, published: Path, golden: Path, tmp_path: Path
) -> None:
    pins = ledger.load(world.SECOND)
    pins.inputs["settings"]["exports"] = ["counts"]
    reference = read_reference(pins.as_of, "nb")
    order = SnapshotInputs(pins, reference, read_vocabulary(), shared_columns(), tmp_path, form_key=bytes(32))

    build_snapshot(order, "oslo")

    written = (tmp_path / "oslo" / "exports" / "counts.json").read_text()
    assert '"persons": ' in written
    assert "exports/counts.json" in (tmp_path / "oslo" / "manifest.json").read_text()
