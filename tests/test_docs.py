"""The documentation leads where it says: links, paths in the repository, and the table of contents of the site."""

import json
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import typer
from akrim.cli import app
from akrim.contracts import REMOVED_COLUMN, load_contracts
from akrim.deliveries.inbox.manifest import check_agreement, read_manifest

from tests.commands.test_outside_values import COMMANDS

ROOT = Path(__file__).parents[1]
INDEX = ROOT / "docs" / "index.md"
PAGES = {page for pattern in ("*.md", "docs/**/*.md", "benchmarks/*.md") for page in ROOT.glob(pattern)}

LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
# A file or folder of the repository, named whole: not a pattern, and not the beginning of one.
PATH = re.compile(
    r"`((?:benchmarks|dags|dbt_project|docs|expectations|include|locks|plugins|tests)/[\w./-]*)`"
)
# What a page says that a file defines: a link to it, then names.
DEFINED = re.compile(r"\]\(([^)#\s]+\.(?:py|sql))\) (`\w+`(?:, `\w+`)*)")
# What a page has somebody type: in a line or a block of its own.
TYPED = re.compile(r"`(?:\.venv/bin/)?akrim ([a-z][^`\n]*)`|^(?:\.venv/bin/)?akrim ([a-z].*)$", re.MULTILINE)
EXAMPLE = re.compile(r"^Example: (?:AKRIM_\w+=\S+ )?akrim (.*)$", re.MULTILINE)
# What a connection of a run calls itself.
NO_COMMANDS = {"assessment lock"}
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_links_and_paths_lead_to_files() -> None:
    lost = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in sorted(PAGES)
        for pattern, base in ((LINK, page.parent), (PATH, ROOT))
        for target in pattern.findall(page.read_text("utf-8"))
        if not (base / target).exists()
    ]
    assert lost == []


def test_no_page_of_the_site_links_to_a_folder() -> None:
    """A folder is no page there, and `make docs` fails; README.md is none of its pages."""
    folders = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in sorted(PAGES)
        for target in LINK.findall(page.read_text("utf-8"))
        if page.name != "README.md" and (page.parent / target).is_dir()
    ]
    assert folders == []


def test_files_define_what_pages_say() -> None:
    named = [
        (page.parent / path, name)
        for page in sorted(PAGES)
        for path, names in DEFINED.findall(page.read_text("utf-8"))
        for name in re.findall(r"\w+", names)
    ]
    assert {"set_aside", "undisputed"} <= {name for _, name in named}
    assert [(path, name) for path, name in named if not _defines(path.read_text("utf-8"), name)] == []


def _defines(text: str, name: str) -> bool:
    """As a function, class or constant, a macro, a common table expression or a view."""
    return bool(
        re.search(
            rf"(?:def|class|macro|view linkage\.) ?{name}\b|^(?:{name} = |(?:with )?{name} as \()",
            text,
            re.MULTILINE,
        )
    )


def test_commands_and_their_options_are_there() -> None:
    """Those of pages, and those of each command's own example."""
    typed = [
        (str(page.relative_to(ROOT)), found[1] or found[2])
        for page in sorted(PAGES)
        for found in TYPED.finditer(page.read_text("utf-8"))
        if found[1] not in NO_COMMANDS
    ]
    examples = [
        (" ".join(path), line) for path, command in COMMANDS for line in EXAMPLE.findall(command.help or "")
    ]
    assert len(typed) > 200
    assert len(examples) > 50
    lost = [(where, line, _unknown(line.split())) for where, line in typed + examples]
    assert [found for found in lost if found[2]] == []


def _unknown(words: list[str]) -> str:
    """The first word that is no command, or no option of the command that the words before it name."""
    command = typer.main.get_command(app)
    while words and getattr(command, "commands", None) and words[0][0].isalpha():
        name, *words = words
        if name not in command.commands:
            return name
        command = command.commands[name]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    given = takewhile(lambda word: word not in {"|", "#", ">", "&&"}, words)
    options = (word.partition("=")[0] for word in given if re.match(r"--?[a-z]", word))
    return next((option for option in options if option not in known), "")


def test_the_threat_model_names_a_test_for_each_answer() -> None:
    """That the tests are there, the tests above say; a row without one says why there is none."""
    _, _, by_attacker = (ROOT / "docs" / "security.md").read_text("utf-8").partition("## By attacker")
    rows = re.findall(r"^\| (?!---|holds off|attack ).*", by_attacker, re.MULTILINE)
    assert len(rows) > 30
    assert [row for row in rows if "](../tests/" not in row and "| none: " not in row] == []


def test_the_agencys_guide_shows_a_manifest_that_is_taken() -> None:
    page = (ROOT / "docs" / "agencies.md").read_text("utf-8")
    shown = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for mode in ("full", "delta"):
        manifest = read_manifest(shown[0].replace('"full"', f'"{mode}"').encode())
        assert check_agreement(manifest, load_contracts()).agency == "nav"
    assert f"`{REMOVED_COLUMN}`" in page


def test_every_page_is_in_the_table_of_contents() -> None:
    assert set(_reached_from(INDEX)) == PAGES - {ROOT / "README.md"}


def _reached_from(page: Path) -> Iterator[Path]:
    yield page
    for block in TOCTREE.findall(page.read_text("utf-8")):
        for entry in (line for line in block.splitlines() if line and not line.startswith(":")):
            name = entry.rpartition("<")[2].rstrip(">")
            for child in page.parent.glob(f"{name}.md"):
                yield from _reached_from(child.resolve())


def test_the_figures_to_size_a_machine_by_are_those_that_were_measured() -> None:
    """A size more, or measured anew, belongs into the guide's table: the lines that it lacks are these."""
    guide = (ROOT / "docs" / "engineers.md").read_text("utf-8")
    table = guide.partition("## Sizing")[2].partition("\n## ")[0].splitlines()
    measured = [
        json.loads(path.read_bytes()) for path in (ROOT / "benchmarks" / "results").glob("pipeline-*.json")
    ]
    lines = [_size_line(figures) for figures in sorted(measured, key=lambda figures: figures["persons"])]
    assert [line for line in table if re.match(r"\| [\d]", line)] == lines


def _size_line(figures: dict[str, Any]) -> str:
    first, following = figures["periods"]
    cells = (
        f"{figures['persons']:,}",
        f"{figures['rows']:,}",
        f"{first['seconds']:.0f} s",
        f"{following['seconds']:.0f} s",
        f"{first['processor_seconds']:.0f} / {following['processor_seconds']:.0f}",
        f"{max(period['all_processes_mib'] for period in (first, following)) / 1024:.1f} GiB",
        f"{figures['database_mib']:,} MiB",
        f"{figures['release_mib']:.0f} MiB",
    )
    return f"| {' | '.join(cells)} |"
