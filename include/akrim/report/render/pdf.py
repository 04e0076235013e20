"""The report as PDF/UA-1 (tagged for screen readers), by Typst and with this package's fonts.

The content is passed as JSON and shown as text, never evaluated. The timestamp is the cut-off date. A character that no font has
here would stop the whole document, since it could not be read out as it looks: it is shown as � instead.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

from akrim.report import drawings
from akrim.report.blocks import Block, Card, Cards, Drawing, Name
from akrim.report.content import Report
from akrim.report.material import Paper

# Letters up to here are in the fonts, and so are nearly all that come.
LATIN_EXTENDED_B = "\u024f"
PROBE = '#set text(font: "Source Sans Pro", lang: "nb")\n#set document(title: "x")\n= x\n#"\\u{%x}"'


def render_pdf(report: Report, paper: Paper, as_of: date) -> bytes:
    """The report's PDF of that name."""
    import typst

    package = files("akrim.report.render")
    with as_file(package.joinpath("templates")) as templates, as_file(package.joinpath("fonts")) as fonts:
        compiler = typst.Compiler(
            str(templates / "report.typ"),
            root=str(templates),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": _displayable(_data(report, paper), str(fonts))},
        )
        timestamp = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
        compiled = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=timestamp)
    return bytes(compiled)  # type: ignore[arg-type]  # one document, so neither a list nor none


def _data(report: Report, paper: Paper) -> str:
    """The report for the templates, which link to those persons alone whose profiles are in the same PDF."""
    parts = [part for part in report.parts if paper in part.papers]
    cards = [card for part in parts for card in _printed_cards(part.blocks)]
    targets = {card.anchor for card in cards}

    def fields(value: Any) -> dict[str, Any]:
        match value:
            case Name():
                return {"text": value.text, "target": value.target if value.target in targets else ""}
            case Drawing():
                return {**vars(value), "kind": value.kind, "svg": drawings.standalone(value.svg)}
            case Cards():
                return {"kind": value.kind, "cards": value.cards[: value.printed]}
            case Card():
                return {**vars(value), "anchor": value.anchor}
            case Block():
                return {**vars(value), "kind": value.kind}
        return dict(vars(value))

    content = {
        **vars(report),
        "ranking": None,
        "groups": None,
        "parts": parts,
        "paper": paper,
        "palette": drawings.palette(),
        "glyphs": drawings.glyphs(),
    }
    return json.dumps(content, ensure_ascii=False, default=fields)


def _displayable(text: str, fonts: str) -> str:
    rare = {character for character in text if character > LATIN_EXTENDED_B}
    return text.translate({ord(c): "\ufffd" for c in rare if not _is_displayable(c, fonts)})


@lru_cache(maxsize=10_000)
def _is_displayable(character: str, fonts: str) -> bool:
    """Whether a document of that character alone can be made; some milliseconds, once a character."""
    import typst

    document = (PROBE % ord(character)).encode()
    try:
        typst.Compiler(document, font_paths=[fonts], ignore_system_fonts=True).compile(  # type: ignore[misc]  # its stub binds one type to both inputs
            format="pdf", pdf_standards="ua-1"
        )
    except typst.TypstError:
        return False
    return True


def _printed_cards(blocks: Sequence[Block]) -> list[Card]:
    return [card for block in blocks if isinstance(block, Cards) for card in block.cards[: block.printed]]
