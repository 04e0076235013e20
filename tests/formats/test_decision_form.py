"""The decision form: the contract's columns, known values locked, code lists to choose from, text as text."""

from datetime import date
from pathlib import Path

import pytest
from akrim.contracts import load_contracts
from akrim.deliveries.decisions import SHEETS
from akrim.deliveries.decisions.seal import fits
from akrim.deliveries.readers.workbook import read_form_origin
from akrim.keys import form_key
from akrim.texts import texts
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import configure
from tests.releases import world

pytestmark = pytest.mark.slow


@pytest.fixture
def form(oslo: Path) -> Workbook:
    return load_workbook(oslo / "prioritisation.xlsx")


@pytest.fixture
def sheet(form: Workbook) -> Worksheet:
    return form["beslutninger"]


def column(sheet: Worksheet, name: str) -> int:
    return [cell.value for cell in sheet[1]].index(name) + 1


def test_its_columns_are_the_readers_and_the_contracts(sheet: Worksheet) -> None:
    agreed = [column.path for column in load_contracts()["sentrene"].extract("beslutninger").columns]
    shown = ["rangering", "navn", "fodselsdato", "poeng", "gjeldende_status", "foreslatt_status"]
    assert [cell.value for cell in sheet[1]] == [*shown, "siste_beslutning", *agreed, "segl"]


def test_only_those_in_the_ranking_have_a_number(sheet: Worksheet) -> None:
    """Not whom the team has dismissed, nor who is on no list."""
    rows = range(2, sheet.max_row + 1)
    assert [sheet.cell(row, column(sheet, "rangering")).value for row in rows] == [1, 2, 3, 4, "\u2013"]


@pytest.mark.parametrize("name", ["beslutninger", "gruppebeslutninger"])
def test_points_are_numbers_and_whoever_is_on_no_list_has_none(form: Workbook, name: str) -> None:
    """So that a filter takes 158 for more than 29."""
    sheet = form[name]
    rows = range(2, sheet.max_row + 1)
    places, points = (
        [sheet.cell(row, column(sheet, about)) for row in rows] for about in ("rangering", "poeng")
    )
    on_no_list = [cell.value == "\u2013" for cell in points]
    assert [cell.data_type for cell in points] == ["s" if is_out else "n" for is_out in on_no_list]
    assert on_no_list == [cell.value == "\u2013" for cell in places]
    assert not all(on_no_list)


def test_it_shows_the_status_that_stands_and_the_one_proposed(sheet: Worksheet) -> None:
    shown = [sheet.cell(2, column(sheet, name)).value for name in ("gjeldende_status", "foreslatt_status")]
    assert shown == ["Trusselaktør – Nominert av politiet (B2)", "Potensiell trusselaktør"]
    assert sheet.cell(2, column(sheet, "foreslatt_status")).protection.locked


def test_it_asks_whose_a_status_is_that_linkage_has_parted(sheet: Worksheet) -> None:
    place = column(sheet, "gjeldende_status")
    asked = {sheet.cell(row, column(sheet, "person_id")).value: sheet.cell(row, place) for row in range(2, 6)}
    assert asked[world.NEWCOMER].value.startswith("Bekreft: var en del av Halvard Eksempelsen")
    assert asked[world.NEWCOMER].protection.locked
    assert not asked[world.PROTECTED].value


def test_it_reminds_of_what_was_decided_last(form: Workbook) -> None:
    """When, what, by whom, when it is looked at again, and measures; locked, and empty where nothing was decided."""
    told = {}
    for name in ("beslutninger", "gruppebeslutninger"):
        sheet = form[name]
        place = column(sheet, "siste_beslutning")
        told[name] = [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]
        assert sheet.cell(2, place).protection.locked
    assert told["gruppebeslutninger"] == ["20.01.2026: Prioriter, Skatteetaten.", ""]
    decided = (
        "20.01.2026: Prioriter, Skatteetaten. Vurderes igjen 01.06.2026. «Bokettersyn i Nyrens Drift AS»"
    )
    assert told["beslutninger"] == [decided, *[""] * 4]


@pytest.mark.parametrize("name", ["beslutninger", "gruppebeslutninger", "informasjonstiltak"])
def test_ids_are_hidden_and_the_first_field_to_fill_is_in_view(form: Workbook, name: str) -> None:
    """In a window 1366 pixels wide: 30 of them for the row numbers and 20 for the scroll bar, and a column takes its width in
    characters of Calibri 11, 7 pixels each, and 5 more."""
    sheet = form[name]
    agreed = load_contracts()["sentrene"].extract(name).columns
    hidden = {sheet.cell(1, place).value for place, width in widths(sheet).items() if not width}
    assert hidden == {c.path for c in agreed if c.is_prefilled} | {"segl"}
    first = min(column(sheet, c.path) for c in agreed if not c.is_prefilled)
    pixels = sum(width * 7 + 5 for place, width in widths(sheet).items() if width and place <= first)
    assert 30 + pixels + 20 <= 1366
    assert sheet.freeze_panes == ("B2" if name == "informasjonstiltak" else "C2")
    assert sheet.sheet_view.selection[-1].activeCell == f"{sheet.cell(2, first).column_letter}2"


def widths(sheet: Worksheet) -> dict[int, float]:
    """Each column's width as it was asked for, 0 where hidden; a file has 5 pixels more, and neighbours that are alike in one."""
    return {
        place: 0 if found.hidden else round(found.width - 5 / 7)
        for found in sheet.column_dimensions.values()
        for place in range(found.min, found.max + 1)
    }


@pytest.mark.parametrize("name", ["beslutninger", "gruppebeslutninger", "informasjonstiltak", "veiledning"])
def test_it_prints_on_a4_with_headings_and_marking_on_each_page(form: Workbook, name: str) -> None:
    """As wide as the page, where letters of 11 points stay larger than 6: 297 mm less the margins, at 96 pixels an inch."""
    sheet = form[name]
    setup, margins = sheet.page_setup, sheet.page_margins
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert name == "veiledning" or sheet.print_title_rows == "$1:$1"
    assert "Taushetsbelagt" in sheet.oddHeader.left.text
    assert "Oslo" in sheet.oddFooter.left.text
    assert sheet.oddFooter.center.text.strip() == world.SECOND
    assert sheet.oddFooter.right.text.strip() == "Side &P av &N"
    room = (297 / 25.4 - margins.left - margins.right) * 96
    wanted = sum(width * 7 + 5 for width in widths(sheet).values() if width)
    assert 11 * min(1, room / wanted) > 6


@pytest.mark.parametrize("name", ["beslutninger", "gruppebeslutninger", "informasjonstiltak"])
def test_headings_show_words_and_hold_their_columns_names(form: Workbook, name: str) -> None:
    shown = {cell.value: cell.number_format for cell in form[name][1] if cell.value != "segl"}
    called = texts("nb", "messages")["form_columns"]
    assert shown == {own: f';;;"{called[own]}"' for own in shown}
    assert name == "informasjonstiltak" or shown["ansvarlig_etat"] == ';;;"Ansvarlig etat"'


def test_each_actor_has_a_row_with_what_is_known(sheet: Worksheet) -> None:
    rows = [
        [
            sheet.cell(row, column(sheet, name)).value
            for name in ("beslutning_id", "senter", "release_id", "person_id")
        ]
        for row in range(2, sheet.max_row + 1)
    ]
    listed = [world.SERIAL, world.PROTECTED, world.HOSTILE, world.NEWCOMER]
    assert [row[3] for row in rows] == [*listed, world.NOMINATED]
    assert {(row[1], row[2]) for row in rows} == {("oslo", world.SECOND)}
    assert len({row[0] for row in rows}) == 5


def test_words_for_the_contracts_codes_are_chosen_from_lists(sheet: Worksheet) -> None:
    agreed = {
        c.path: c.codes for c in load_contracts()["sentrene"].extract("beslutninger").columns if c.codes
    }
    offered = {
        sheet.cell(1, range_.min_col).value: tuple(rule.formula1.strip('"').split(","))
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
        for range_ in rule.sqref.ranges
    }
    assert offered.keys() == agreed.keys() - {"senter"}
    assert {name: len(words) for name, words in offered.items()} == {
        name: len(agreed[name]) for name in offered
    }
    assert offered["ansvarlig_etat"] == ("Arbeidstilsynet", "Skatteetaten", "Nav", "Politiet")
    assert offered["status"][0] == "Sentral trusselaktør"


@pytest.mark.parametrize(
    ("name", "column_name", "earliest"),
    [
        ("beslutninger", "besluttet_dato", date(2026, 5, 1)),
        ("gruppebeslutninger", "neste_vurdering", date(2026, 5, 1)),
        ("informasjonstiltak", "rapportert_dato", date(2026, 1, 1)),
    ],
)
def test_a_day_before_there_was_anything_to_decide_on_is_refused_where_it_is_typed(
    sheet: Worksheet, name: str, column_name: str, earliest: date
) -> None:
    asked = sheet.parent[name]
    (rule,) = [
        rule
        for rule in asked.data_validations.dataValidation
        for range_ in rule.sqref.ranges
        if asked.cell(1, range_.min_col).value == column_name
    ]
    days = (earliest - date(1899, 12, 30)).days
    assert (rule.type, rule.operator, rule.formula1) == ("date", "greaterThanOrEqual", str(days))
    assert earliest.strftime("%d.%m.%Y") in rule.error


def test_what_is_known_is_locked_and_the_rest_is_open(sheet: Worksheet) -> None:
    assert sheet.protection.sheet
    assert sheet.cell(2, column(sheet, "person_id")).protection.locked
    assert not sheet.cell(2, column(sheet, "status")).protection.locked
    assert not sheet.cell(2, column(sheet, "neste_vurdering")).protection.locked


def test_a_hostile_name_is_text(sheet: Worksheet) -> None:
    cell = sheet.cell(4, column(sheet, "navn"))
    assert cell.data_type == "s"
    assert cell.value.startswith("=HYPERLINK")
    assert "\u202e" not in cell.value


def test_the_guide_explains_every_code(form: Workbook) -> None:
    guide = {tuple(cell.value for cell in row) for row in form["veiledning"].iter_rows(max_col=3)}
    for agreed in load_contracts()["sentrene"].extract("beslutninger").columns:
        if agreed.codes and agreed.path != "senter":
            heading = texts("nb", "messages")["form_columns"][agreed.path]
            assert {code for told, _, code in guide if told == heading and code} == set(agreed.codes)
    assert ("Ansvarlig etat", "Skatteetaten", "skatteetaten") in guide


def test_each_row_is_sealed_in_a_locked_hidden_cell(
    sheet: Worksheet, published: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_HOME=str(published.parent))
    key = form_key(world.SECOND)
    for row in range(2, sheet.max_row + 1):
        cells = {
            name: sheet.cell(row, column(sheet, name)) for name in ("beslutning_id", "person_id", "segl")
        }
        about = [str(cells[name].value) for name in ("beslutning_id", "person_id")]
        shown = [
            "" if (value := sheet.cell(row, column(sheet, name)).value) is None else str(value)
            for name in SHEETS["beslutninger"].shown
        ]
        assert fits(str(cells["segl"].value), key, world.SECOND, "oslo", *about, shown=shown)
        assert not fits(str(cells["segl"].value), key, world.SECOND, "oslo", *about, shown=shown[::-1])
        assert cells["segl"].protection.locked
        assert cells["segl"].data_type == "s"
    assert sheet.column_dimensions[cells["segl"].column_letter].hidden


def test_it_is_recognised_when_it_comes_back(oslo: Path) -> None:
    assert read_form_origin(oslo / "prioritisation.xlsx", "prioritisation.xlsx") == (world.SECOND, "oslo")


def test_networks_and_enterprises_have_a_sheet_of_their_own(form: Workbook) -> None:
    """With the enterprises that the centre is told of, by which the decision finds the network again."""
    groups = form["gruppebeslutninger"]
    assert form.sheetnames == ["beslutninger", "gruppebeslutninger", "informasjonstiltak", "veiledning"]
    agreed = [column.path for column in load_contracts()["sentrene"].extract("gruppebeslutninger").columns]
    readers = ["rangering", "gruppe", "medlemmer", "poeng", "gjeldende_status", "foreslatt_status"]
    assert [cell.value for cell in groups[1]] == [*readers, "siste_beslutning", *agreed, "segl"]
    shown = [
        [groups.cell(row, column(groups, name)).value for name in ("gruppe_id", "foretak", *readers)]
        for row in range(2, groups.max_row + 1)
    ]
    (network, enterprise) = shown
    # Each kind is ranked by itself, as in the report.
    assert (network[2], enterprise[2]) == ("Nettverk 1", "Foretak 1")
    assert network[0] == "N1"
    assert set(network[1].split()) > {"200000039"}
    assert network[3].startswith("Kjede av foretak") or ": " in network[3]
    assert network[6:] == ["Trusselaktør", "Potensiell trusselaktør"]
    assert enterprise[:2] == ["200000039", "200000039"]
    assert enterprise[6:] == ["", "Potensiell trusselaktør"]
    assert groups.protection.sheet
    assert groups.cell(2, column(groups, "foretak")).protection.locked
    assert not groups.cell(2, column(groups, "status")).protection.locked


def test_it_asks_how_many_were_informed_and_has_no_room_for_text(form: Workbook) -> None:
    asked = form["informasjonstiltak"]
    agreed = [column.path for column in load_contracts()["sentrene"].extract("informasjonstiltak").columns]
    assert [cell.value for cell in asked[1]] == ["hvem", *agreed, "segl"]
    assert [asked.cell(row, column(asked, "rapport_id")).value for row in range(2, asked.max_row + 1)] == [
        f"oslo-{world.SECOND}-utenlandske_arbeidstakere",
        f"oslo-{world.SECOND}-oppdragsgivere",
    ]
    assert [str(asked.cell(row, 1).value)[:2] for row in (2, 3)] == ["B2", "B3"]
    told = f"{world.SECOND[6]}. tertial {world.SECOND[:4]}"
    assert all(str(asked.cell(row, 1).value).endswith(f" i {told}") for row in (2, 3))
    open_cells = {asked.cell(1, cell.column).value for cell in asked[2] if not cell.protection.locked}
    assert open_cells == {"antall_informert", "rapportert_dato"}
    bounds = {
        asked.cell(1, range_.min_col).value: (rule.type, rule.formula1, rule.formula2)
        for rule in asked.data_validations.dataValidation
        for range_ in rule.sqref.ranges
    }
    assert bounds["antall_informert"] == ("whole", "0", "100000")
    assert asked.protection.sheet
