"""`akrim releases`: what is out, what a release holds, what differs between two, and whether files are untouched."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from akrim.commands.checks import decrypt, folder_of, verify

app = typer.Typer(
    no_args_is_help=True,
    help="The published releases: list them, look into one, compare two, open and verify the files.",
)
app.command()(verify)
app.command()(decrypt)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table, for scripts.")]
ReleaseArgument = Annotated[str, typer.Argument(help="A release's id, such as 2026-T1.1, or a folder.")]
CentreOption = Annotated[str | None, typer.Option("--centre", help="One centre alone, such as oslo.")]


@app.command("list")
def list_releases(as_json: JsonOption = False) -> None:
    """Every release with its status, newest first.

    A revision (the number after the point) is made when the same period is assessed again on other inputs; the
    earlier one is then superseded but stays.

    Example: akrim releases list
    """
    from akrim.releases.register import registered

    rows = registered()
    if as_json:
        sys.stdout.write(json.dumps(rows) + "\n")
        return
    table = Table("release", "cut-off date", "status", "previous", box=None, header_style="bold")
    table.add_column("files", overflow="fold")
    for row in rows:
        table.add_row(
            *(str(row[key] or "") for key in ("release_id", "as_of", "status", "base_release_id", "path"))
        )
    Console().print(table if rows else "No release yet. `akrim run --period 2026-T1` makes one.")


@app.command()
def show(release: ReleaseArgument, as_json: JsonOption = False) -> None:
    """What a release holds and what it was made from; needs the files alone.

    Example: akrim releases show 2026-T1.1
    """
    from akrim.trust.files import read_manifest

    folder = folder_of(release)
    manifest = read_manifest(folder)
    if as_json:
        sys.stdout.write(json.dumps(manifest) + "\n")
        return
    console = Console()
    console.print(
        f"[bold]{escape(manifest['release_id'])}[/] as of {manifest['as_of']}, {manifest['data_mode']} data"
    )
    console.print(f"previous: {manifest['previous_release_id'] or 'none'}")
    for name, version in manifest.get("versions", {}).items():
        console.print(f"{name.replace('_', ' ')}: {version or 'none'}", highlight=False)
    for agency, deliveries in manifest.get("inputs", {}).items():
        ids = ", ".join(delivery["delivery_id"] for delivery in deliveries) or "no delivery"
        console.print(f"{agency}: {ids}", highlight=False)
    console.print(_contents(folder, manifest))


@app.command()
def diff(
    earlier: ReleaseArgument, later: ReleaseArgument, centre: CentreOption = None, as_json: JsonOption = False
) -> None:
    """What changed on the lists from one release to another; compares the files, so any two can be compared.

    Causes stand in the later release's changes.json, where the earlier one is its predecessor.

    Example: akrim releases diff 2025-T3.1 2026-T1.1 --centre oslo
    """
    from akrim.releases.comparing import changes_between

    found = changes_between(folder_of(earlier), folder_of(later), centre)
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    table = Table(
        "centre", "person", "change", "points before", "points after", box=None, header_style="bold"
    )
    for centre_id, changes in found.items():
        for change in changes:
            points = [
                str(line["total_points"]) if line else "–" for line in (change["before"], change["after"])
            ]
            table.add_row(centre_id, change["person_id"], change["change"], *points)
    Console().print(table if table.rows else "Nothing differs.")


def _contents(folder: Path, manifest: dict[str, Any]) -> Table:
    table = Table("file", "bytes", "sha256", box=None, header_style="bold")
    for entry in manifest.get("files") or manifest["centres"]:
        table.add_row(entry["path"], f"{entry['bytes']:,}", entry["sha256"][:16] + "…")
    table.caption = str(folder)
    return table
