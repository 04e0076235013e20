"""How the decision form looks: widths, colours, and the page that it is printed on."""

from xlsxwriter import Workbook
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from akrim.report import Words

# In characters. What is read stands before what is filled in, and all of it fits an A4 page on its side at more than half size.
WIDTHS = {
    "rangering": 6, "navn": 24, "gruppe": 28, "medlemmer": 20, "hvem": 60, "fodselsdato": 11, "poeng": 7,
    "gjeldende_status": 18, "foreslatt_status": 15, "siste_beslutning": 22, "status": 17, "prioritering": 13,
    "begrunnelse": 15, "ansvarlig_etat": 15, "tiltak": 28, "kapasitet_endring": 11, "intensjon_endring": 11,
    "besluttet_dato": 11, "neste_vurdering": 11, "antall_informert": 12, "rapportert_dato": 13,
}  # fmt: skip
# Of networks and enterprises the number says which of them it counts.
WIDTHS_OF_GROUPS = WIDTHS | {"rangering": 11}
DEFAULT_WIDTH = 17
HEAD_HEIGHT = 48  # points: three lines, since columns are narrower than their names
A4 = 9  # Excel's number for the paper
SIDE, TOP = 0.25, 0.75  # margins in inches

BASE: dict[str, object] = {"font_name": "Calibri", "font_size": 11, "valign": "top", "text_wrap": True}
HEAD = BASE | {"bold": True, "bg_color": "#16385A", "font_color": "#FFFFFF"}


def cell_formats(workbook: Workbook) -> dict[str, CellFormat]:
    """The formats of the form's cells, by what they are for."""
    edges = {"border": 1, "border_color": "#D3DAE1"}
    locked = BASE | edges | {"bg_color": "#F2F5F8", "font_color": "#55616F"}
    unlocked = BASE | edges | {"locked": False}
    return {
        "locked": workbook.add_format(locked | {"quote_prefix": True}),
        "number": workbook.add_format(
            locked | {"align": "right", "indent": 1}
        ),  # clear of the text beside it
        "open": workbook.add_format(unlocked | {"num_format": "@"}),
        "date": workbook.add_format(unlocked | {"num_format": "dd.mm.yyyy"}),  # as its guide has them
        "count": workbook.add_format(unlocked | {"num_format": "0"}),
        "title": workbook.add_format(
            BASE | {"bold": True, "font_size": 16, "font_color": "#16385A", "text_wrap": False}
        ),
        "bold": workbook.add_format(BASE | {"bold": True, "text_wrap": False}),
        "text": workbook.add_format(BASE),
        "head": workbook.add_format(HEAD),
    }


def heading_format(workbook: Workbook, word: str) -> CellFormat:
    """The format of a heading cell that holds a column's own name, which programs go by, and shows this word in its place."""
    return workbook.add_format(HEAD | {"num_format": f';;;"{word}"'})


def set_up_page(sheet: Worksheet, head: dict[str, str], words: Words) -> None:
    """A4 on its side, as wide as the page; how it is to be handled, whose and which release it is on every page.

    Args:
        head: the report's head.
    """
    handling, centre, release = (head[key].replace("&", "&&") for key in ("handling", "centre", "release_id"))
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=SIDE, right=SIDE, top=TOP, bottom=TOP)
    sheet.fit_to_pages(1, 0)
    # A space after each size: a digit there would belong to it.
    sheet.set_header(f"&L&8 {handling}")
    sheet.set_footer(f"&L&8 {centre}&C&8 {release}&R&8 {words('form_page')}")
