"""Workbooks part by part, sound or as no spreadsheet program would write them."""

import zipfile
from pathlib import Path

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
BOOK = (
    f'<workbook {NAMESPACE} xmlns:r="{OFFICE}"><sheets>'
    '<sheet name="beslutninger" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}.sharedStrings+xml"/></Types>'
)
SHEET_PART = "xl/worksheets/sheet1.xml"


def relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def sheet(rows: str) -> str:
    return f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>"


def shared(*texts: str) -> str:
    return f"<sst {NAMESPACE}>{''.join(f'<si><t>{text}</t></si>' for text in texts)}</sst>"


def write_workbook(path: Path, sheet_part: str, strings: str = shared(), **more: str) -> Path:
    """A workbook of one sheet; `more` adds parts by name or replaces them."""
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": RELATIONS.format(relation(1, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS.format(
            relation(1, "worksheet", "worksheets/sheet1.xml")
            + relation(2, "sharedStrings", "sharedStrings.xml")
            + relation(3, "styles", "styles.xml")
        ),
        "xl/sharedStrings.xml": strings,
        "xl/styles.xml": f"<styleSheet {NAMESPACE}/>",
        SHEET_PART: sheet_part,
    } | more
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 5))
HEADER = "<row><c t='inlineStr'><is><t>verdict</t></is></c></row>"
CORNER = sheet('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def _bombs() -> dict[str, dict[str, str]]:
    """Parts of workbooks that are small as sent and beyond bounds as read."""
    cell = "<c t='s'><v>0</v></c>"
    document_type = f'<!DOCTYPE worksheet [<!ENTITY e0 "{"A" * 100}">{ENTITIES}]>'
    return {
        "nested entities": {
            # the spaces keep the expansion below the hundredfold that XML parsers stop at by themselves
            "sheet_part": document_type
            + sheet(" " * 4_500_000 + f"<row><c t='inlineStr'><is><t>{'&e4;' * 25}</t></is></c></row>")
        },
        "a document type in another part": {
            "sheet_part": sheet(HEADER),
            "xl/workbook.xml": f'<!DOCTYPE workbook SYSTEM "file:///etc/passwd">{BOOK}',
        },
        "a text that all cells share": {
            "sheet_part": sheet(f"<row>{cell * 500}</row>" * 40),
            "strings": shared("A" * 100_000),
        },
        "a giant part": {"sheet_part": sheet(" " * 70_000_000)},
        "a giant text": {"sheet_part": sheet(HEADER), "strings": shared("A" * 10_000_000)},
        "a giant row": {"sheet_part": sheet(f"<row>{'<c><v>1</v></c>' * 1_000_000}</row>")},
        "many rows": {"sheet_part": sheet("<row><c><v>1</v></c></row>" * 30_000)},
        "empty elements": {"sheet_part": sheet("<a/>" * 3_000_000)},
        "deep nesting": {"sheet_part": sheet("<a>" * 100_000 + "</a>" * 100_000)},
        "an element of many attributes": {
            "sheet_part": sheet("<row " + " ".join(f'a{n}=""' for n in range(500_000)) + "/>")
        },
    }


BOMBS = _bombs()
