"""A new section of the report is one module and its texts: found, put in its place, in HTML and PDF, in every language."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import akrim.report.sections
import pyarrow as pa
import pytest
from akrim.changes import listing
from akrim.changes.steps import CAUSES_IN_ORDER, ORDER
from akrim.report import Earlier, Edition, Reference, write_report
from akrim.report.blocks import Paragraph
from akrim.report.material import Material
from akrim.report.sections import changes, method, ranked_list, sections
from akrim.report.sections.changes import changes_summary
from akrim.report.sections.profiles import SECTION
from akrim.report.wording import Words
from akrim.texts import LANGUAGES, texts

from tests.releases import world
from tests.releases.reading import text_of
from tests.report.first_page import build_material

ONE_MODULE = """
    from akrim.report.blocks import Paragraph, Table, columns
    from akrim.report.material import Section

    def build(material):
        rows = [(name, material.words.number(table.num_rows)) for name, table in material.tables.items()]
        header = columns(material.words, name=("heading", 1), number="number")
        return Paragraph(material.words("held_note")), Table(header, rows)

    SECTION = Section("held", 35, build)
"""
TEXTS = {
    "held": {"nb": "Hva senteret har", "nn": "Kva senteret har", "en": "What the centre holds"},
    "held_note": {
        "nb": "Antall rader per tabell.",
        "nn": "Talet på rader per tabell.",
        "en": "Rows of each table.",
    },
}
NOBODY = pa.table({name: pa.array([], pa.string()) for name in ("person_id", "centre_id")})


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_further_section.py").write_text(textwrap.dedent(ONE_MODULE))
    monkeypatch.setattr(akrim.report.sections, "__path__", [*akrim.report.sections.__path__, str(tmp_path)])
    for key, said in TEXTS.items():
        for language, text in said.items():
            monkeypatch.setitem(texts(language, "report"), key, text)


def test_every_section_has_a_name_a_place_and_a_heading_of_its_own() -> None:
    names, places = zip(*((section.name, section.place) for section in sections()), strict=True)
    assert len(set(names)) == len(set(places)) == len(names)
    assert set(names) <= Words("nb").texts.keys()


def test_where_nobody_is_on_the_list_there_is_no_section_of_profiles() -> None:
    """On paper it has its own pages, and would have one for a sentence that the list says."""
    material = build_material([])
    assert not SECTION.build(material)
    assert ranked_list.SECTION.build(material) == (Paragraph(Words("nb")("list_empty")),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_method_names_every_cause_in_the_order_in_which_it_is_tried(language: str) -> None:
    """And says what the report means by probably controlling."""
    words = Words(language)
    material = build_material([])
    definitions = [
        *material.reference.definitions,
        {"definition_code": "strict_link", "version": 1, "quantity": 10},
    ]
    material = replace(
        material,
        words=words,
        edition=replace(material.edition, versions={"model": "1"}),
        reference=replace(material.reference, definitions=definitions),
    )
    said = [str(block.content) for block in method.SECTION.build(material) if isinstance(block, Paragraph)]
    (order,) = (text for text in said if words.cause("sharing").lower() in text)
    places = [order.find(words.cause(cause).lower()) for cause in ("source", *ORDER)]
    assert places == sorted(places)
    assert min(places) > 0
    assert words("control_probably") in said


def test_every_kind_and_cause_of_change_has_its_row_and_column() -> None:
    """One that a release records and the report does not know would be counted nowhere."""
    assert [kind for kind in changes.KINDS if kind != "proposal"] == [*listing.ORDER]
    assert {*changes.CAUSES} == {*CAUSES_IN_ORDER, "erasure"}


def test_a_further_section_takes_its_place(held: None) -> None:
    names = [section.name for section in sections()]
    assert names[names.index("list") + 1] == "held"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_module_and_its_texts_are_all_that_a_further_section_takes(
    language: str, held: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        akrim.report.sections, "__path__", [str(tmp_path)]
    )  # the others need a release's tables
    strict_link = {"definition_code": "strict_link", "version": 1, "quantity": 10}
    reference = Reference(language, ["oslo"], {}, [], [], [], [strict_link], {}, {}, [])
    edition = Edition("2026-T1.1", "2026-T1", date(2026, 4, 30), "oslo", None, True, {})
    persons = pa.table({name: pa.array([], pa.string()) for name in ("person_id", "full_name", "birth_date")})

    asked = ("assessments", "prioritisations", "status_questions", "nominations", "enterprises", "network_assessments", "network_members",
             "enterprise_assessments", "group_members", "group_decisions", "nominations")  # fmt: skip
    tables = {"persons": persons, **dict.fromkeys(asked, NOBODY)}
    write_report(tmp_path, edition, tables, Earlier({}, {}), [], reference)

    page = (tmp_path / "assessment.html").read_text("utf-8")
    printed = text_of(tmp_path / "profiles.pdf")
    for text in TEXTS.values():
        assert text[language] in page
        assert text[language] in printed
    assert '<a href="#held">' in page
    assert '<th scope="row">assessments</th><td class="number" data-label="' in page


@pytest.mark.parametrize(
    ("previous", "as_one", "kinds"),
    [
        (None, (), []),
        ("2025-T3.1", (), ["table"]),
        ("2025-T3.1", ("2025-T2.1",), ["table"]),
        ("2025-T3.1", ("2025-T3.1",), ["paragraph", "table"]),
    ],
)
def test_a_first_release_counts_no_changes_and_causes_that_are_not_told_apart_are_told_to_be(
    previous: str | None, as_one: Sequence[str], kinds: list[str]
) -> None:
    edition = Edition(
        "2026-T1.1", "2026-T1", date(2026, 4, 30), "oslo", previous, True, {}, told_as_one=as_one
    )
    reference = Reference("nb", [], {}, [], [], [], [], {}, {}, [])
    changes = [{"person_id": "P1", "change": "entered", "cause": "source"}]
    blocks = changes_summary(Material(edition, {}, changes, reference, Words("nb"), []))
    assert [block.kind for block in blocks] == ["heading", "paragraph", *kinds]


@pytest.mark.slow
def test_on_a_first_list_nobody_is_called_new(published: Path) -> None:
    """There was no list before it: neither the list, the drawing nor a profile says what is another since."""
    first, second = (
        (published / release_id / "oslo" / "assessment.html").read_text("utf-8")
        for release_id in (world.FIRST, world.SECOND)
    )
    words = Words("nb")
    said = [words("move"), words.change("entered"), words("legend_dot-new")]
    assert [text in second for text in said] == [True, True, True]
    assert [text in first for text in said] == [False, False, False]
