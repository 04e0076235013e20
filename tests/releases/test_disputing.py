"""Disputes are shown in the list and the profile, in HTML and PDF, in both languages."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from akrim import ledger
from akrim.formats import read_vocabulary
from akrim.releases.snapshot import SnapshotInputs, build_snapshot
from akrim.report.reference import read_reference
from akrim.settings import get_settings
from akrim.sharing import read_tables, shared_columns
from pypdf import PdfReader

from tests.conftest import installation_on
from tests.releases import world

pytestmark = pytest.mark.slow

SAID = {
    "nb": ("Bestrider en opplysning, siden 12.05.2026", "Personen bestrider opplysninger.", "Alle regler kunne kontrolleres",
           "Arbeidstilsynet, tilsyn: bestridt siden 12.05.2026 (K-2026-001)"),
    "en": ("Disputes information, since 12 May 2026", "The person disputes information.", "Every rule could be checked",
           "The Labour Inspection Authority, inspection: disputed since 12 May 2026 (K-2026-001)"),
}  # fmt: skip


@pytest.fixture(scope="module", params=["nb", "en"])
def report(
    request: pytest.FixtureRequest, server: str, golden_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The language, and Oslo's folder of the second release: its serial bankrupt disputes an inspection and an enterprise."""
    with installation_on(server, golden_name, tmp_path_factory.mktemp("disputing")) as address:
        with psycopg.connect(address) as connection:
            _dispute(connection, request.param)
        pins = ledger.load(world.SECOND)
        folder = tmp_path_factory.mktemp("release")
        reference = read_reference(pins.as_of, request.param)
        build_snapshot(
            SnapshotInputs(pins, reference, read_vocabulary(), shared_columns(), folder, form_key=bytes(32)),
            "oslo",
        )
        yield request.param, folder / "oslo"


def _dispute(connection: psycopg.Connection, language: str) -> None:
    """Of what speaks for and against the serial bankrupt, one inspection with a reversed reaction and one wound-up enterprise."""
    connection.execute(
        "update meta.releases set pins = jsonb_set(pins, '{settings,language}', to_jsonb(%s::text))",
        [language],
    )
    case = {"case_id": "K-2026-001", "since": "2026-05-12", "is_open": True}
    disputes = [
        case | {"agency": "arbeidstilsynet", "extract": "tilsyn", "source_row_id": inspection_id}
        for (inspection_id,) in connection.execute(
            "select inspection_id from marts.inspections where release_id = %s and reversed_count > 0",
            [world.SECOND],
        ).fetchall()
    ]
    assert disputes
    upheld = {"case_id": "K-2026-002", "since": "2026-05-13", "is_open": False}
    disputes += [
        upheld | {"agency": "brreg", "extract": "enheter", "source_row_id": orgnr}
        for (orgnr,) in connection.execute(
            "select orgnr from marts.enterprises where release_id = %s and deleted_date is not null",
            [world.SECOND],
        ).fetchall()
    ]
    connection.execute(
        "update marts.assessments set disputes = %s where release_id = %s and person_id = %s",
        [json.dumps(disputes), world.SECOND, world.SERIAL],
    )


def text_of(path: Path) -> str:
    if path.suffix == ".html":
        return path.read_text("utf-8")
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


# On the first page and in the list; the PDF of profiles has no first page, the director's no profiles.
@pytest.mark.parametrize(
    ("name", "named", "with_profile"),
    [("assessment.html", 2, True), ("assessment.pdf", 2, False), ("profiles.pdf", 1, True)],
)
def test_the_list_and_the_profile_show_who_disputes(
    report: tuple[str, Path], name: str, named: int, with_profile: bool
) -> None:
    language, folder = report
    text = text_of(folder / name)
    in_list, heading, _, fact = SAID[language]
    assert text.count(in_list) == named
    assert text.count(heading) == int(with_profile)
    assert (fact in text) is with_profile
    # What has been settled is disputed no longer.
    assert "K-2026-002" not in text


def test_nothing_disputed_speaks_for_the_person_and_not_all_could_be_checked(
    report: tuple[str, Path], published: Path
) -> None:
    language, folder = report
    before = text_of(published / world.SECOND / "oslo" / "assessment.html")
    after = text_of(folder / "assessment.html")
    profile = after.partition('id="p-1"')[2].partition('id="p-2"')[0]
    assert SAID[language][2] not in profile
    if language == "nb":
        assert "omgjort" in before.partition('id="p-1"')[2].partition('id="p-2"')[0]
        assert "omgjort" not in profile


def test_a_centre_reads_of_no_dispute_of_a_row_that_is_kept_from_it(report: tuple[str, Path]) -> None:
    def told() -> set[str]:
        rows = read_tables(world.SECOND, "oslo", shared_columns())["assessments"].to_pylist()
        return {dispute["agency"] for row in rows for dispute in json.loads(row["disputes"])}

    assert told() == {"arbeidstilsynet"}
    withheld = '{"oslo": {"arbeidstilsynet.inspection": "hit"}}'
    with psycopg.connect(get_settings().database_url) as connection:
        connection.execute(
            "update meta.releases set pins = jsonb_set(pins, '{withheld}', %s::jsonb)", [withheld]
        )
    assert told() == set()
