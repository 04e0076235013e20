"""The report as PDF/UA-1 (tagged for screen readers), by Typst and with this package's fonts.

The content is passed as JSON and shown as text, never evaluated. The timestamp is the cut-off date.
"""

import json
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from typing import Any


def render_pdf(content: dict[str, Any], as_of: date) -> bytes:
    """The PDF of that content."""
    import typst

    timestamp = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    package = files("akrim.report.render")
    with as_file(package.joinpath("fonts")) as fonts:
        compiler = typst.Compiler(  # type: ignore[misc]  # its stub binds one type to both inputs
            package.joinpath("templates", "report.typ").read_bytes(),
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(content, ensure_ascii=False)},
        )
        compiled = compiler.compile(format="pdf", pdf_standards="ua-1", timestamp=timestamp)
    return bytes(compiled)  # type: ignore[arg-type]  # one document, so neither a list nor none
