"""The report as PDF/UA-1 (tagged for screen readers), by Typst and with this package's fonts.

The content is passed as JSON and shown as text, never evaluated. The timestamp is the cut-off date.
"""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from typing import Any

from akrim.report import drawings
from akrim.report.blocks import Block, Card, Cards, Drawing, Name
from akrim.report.content import Report


def render_pdf(report: Report, as_of: date) -> bytes:
    """The PDF of that report."""
    import typst

    package = files("akrim.report.render")
    with as_file(package.joinpath("templates")) as templates, as_file(package.joinpath("fonts")) as fonts:
        compiler = typst.Compiler(  # type: ignore[misc]  # its stub binds one type to both inputs
            str(templates / "report.typ"),
            root=str(templates),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": _data(report)},
        )
        timestamp = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
        compiled = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=timestamp)
    return bytes(compiled)  # type: ignore[arg-type]  # one document, so neither a list nor none


def _data(report: Report) -> str:
    """The report for the templates, which link to those persons alone whose profiles are printed."""
    cards = [card for part in report.parts for card in _printed_cards(part.blocks)]
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

    content = {**vars(report), "ranking": None, "palette": drawings.palette(), "glyphs": drawings.glyphs()}
    return json.dumps(content, ensure_ascii=False, default=fields)


def _printed_cards(blocks: Sequence[Block]) -> list[Card]:
    return [card for block in blocks if isinstance(block, Cards) for card in block.cards[: block.printed]]
