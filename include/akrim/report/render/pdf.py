"""The report as PDF by Typst, tagged for screen readers (PDF/UA-1), with the fonts that lie in this package.

The content goes in as JSON and is shown as text, never evaluated. The time in the file is the cut-off date.
"""

import json
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from typing import Any


def pdf_of(content: dict[str, Any], as_of: date) -> bytes:
    """The printed report for that content."""
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
