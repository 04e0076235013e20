"""`akrim releases`: lists, shows and compares releases, and builds them again."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from akrim.commands.audit.consulting import ByOption, PurposeOption, log_consultation
from akrim.commands.output import JsonOption, Screen, print_json
from akrim.commands.releases.actions import approve, deliver, erase, hold, recall
from akrim.commands.releases.verify import KeysOption, decrypt, folder_of, verify
from akrim.errors import UserError
from akrim.settings import read_settings

if TYPE_CHECKING:
    from akrim.changes import Change
    from akrim.sharing import Moved

app = typer.Typer(
    no_args_is_help=True,
    help="The releases: list them, look into one, compare two, open and verify, let go, send, recall.",
)
for command in (verify, decrypt, approve, hold, recall, erase, deliver):
    app.command()(command)

ReleaseArgument = Annotated[str, typer.Argument(help="A release's id, such as 2026-T1.1, or a folder.")]
CentreOption = Annotated[str | None, typer.Option("--centre", help="One centre alone, such as oslo.")]


@app.command("list")
def list_releases(as_json: JsonOption = False) -> None:
    """Every release with its status, newest first.

    A revision (the number after the point) is made when the same period is assessed again on other inputs; the
    earlier one is then superseded but stays. `previous` is the release that its changes are told against.

    Example: akrim releases list
    """
    from akrim import warehouse
    from akrim.ledger import list_releases

    warehouse.prepare()
    rows = list_releases()
    if as_json:
        print_json(rows)
        return
    table = Table("release", "cut-off date", "status", "previous", "receipts", box=None, header_style="bold")
    table.add_column("files", overflow="fold")
    for row in rows:
        status = "held" if row["is_held"] else row["status"]
        receipts = f"{row['receipts']} of {row['sent']}" if row["sent"] else ""
        known = (
            row["release_id"],
            row["as_of"],
            status,
            row["previous_release_id"] or "",
            receipts,
            row["path"],
        )
        table.add_row(*known)
    if rows:
        Screen().table(table)
    else:
        Screen().print("No release yet. `akrim run --period 2026-T1` makes one.")


@app.command()
def show(release: ReleaseArgument, as_json: JsonOption = False) -> None:
    """What a release holds, what it was made from, and what became of it: held, failed, sent, received, recalled.

    Of a folder it is what the files alone say.

    Example: akrim releases show 2026-T1.1
    """
    from akrim.settings import get_settings
    from akrim.trust import read_manifest

    console = Screen(soft_wrap=True)
    known = None if Path(release).is_dir() else _history(release)
    if known is not None and not (get_settings().releases_path / release).is_dir():
        _tell_history(known, console, as_json)
        if _is_held(known) and not as_json:
            for line in _at_stake(release):
                console.print(line)
        return
    folder = folder_of(release)
    manifest = read_manifest(folder)
    if as_json:
        print_json(manifest | ({"history": known} if known else {}))
        return
    _tell_folder(folder, manifest, console)
    if known is not None:
        _tell_history(known, console, as_json=False)


def _tell_folder(folder: Path, manifest: dict[str, Any], console: Screen) -> None:
    """What the files alone say of the release, and its signature of what made it."""
    from akrim.trust import MANIFEST
    from akrim.trust.signing import stated_build

    console.item(manifest["release_id"], f"as of {manifest['as_of']}, {manifest['data_mode']} data", "bold")
    console.print(f"previous: {manifest['previous_release_id'] or 'none'}")
    for name, version in manifest.get("versions", {}).items():
        console.print(f"{name.replace('_', ' ')}: {version or 'none'}")
    for name, value in (stated_build(folder / MANIFEST) or {}).items():
        console.print(f"{name}: {value}")
    for agency, deliveries in manifest.get("inputs", {}).items():
        ids = ", ".join(delivery["delivery_id"] for delivery in deliveries) or "no delivery"
        console.print(f"{agency}: {ids}")
    console.table(_contents(folder, manifest))


def _history(release: str) -> dict[str, Any] | None:
    from akrim import ledger, warehouse

    warehouse.prepare()
    return ledger.history(release)


@app.command()
def diff(
    earlier: ReleaseArgument,
    later: ReleaseArgument,
    centre: CentreOption = None,
    as_json: JsonOption = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
) -> None:
    """What changed on the lists from one release to another; compares the files, so any two can be compared.

    Causes stand in the later release's changes.json, where the earlier one is its predecessor. Of the national part, with
    --centre national, the figures that moved. Who is shown of this installation's releases is logged.

    Example: akrim releases diff 2025-T3.1 2026-T1.1 --centre oslo
    """
    from akrim.contracts import NATIONAL
    from akrim.releases import changes_between, national_moves

    if centre == NATIONAL:
        _show_moves(national_moves(folder_of(earlier), folder_of(later)), as_json=as_json)
        return
    folders = folder_of(earlier), folder_of(later)
    found = changes_between(*folders, centre)
    if any(_is_own(folder) for folder in folders):
        log_consultation("releases diff", (), _persons(found), by=by, purpose=purpose)
    if as_json:
        print_json(found)
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
    _show_differing(table)


def _show_differing(table: Table) -> None:
    if table.rows:
        Screen().table(table)
    else:
        print("Nothing differs.")


def _is_own(folder: Path) -> bool:
    """Whether it is a release of this installation, which alone has a log; a centre compares what it has unpacked."""
    return folder.resolve().is_relative_to(read_settings().releases_path.resolve())


def _persons(found: "dict[str, list[Change]]") -> set[str]:
    return {change["person_id"] for changes in found.values() for change in changes}


def _show_moves(moves: "list[Moved]", *, as_json: bool) -> None:
    """The figures with what the earlier and the later release tell: a number, or a range where it is small."""
    if as_json:
        told = [
            moved._asdict()
            | {name: n and n._asdict() for name, n in (("before", moved.before), ("after", moved.after))}
            for moved in moves
        ]
        print_json({"national": told})
        return
    table = Table("scope", "figure", "code", "before", "after", box=None, header_style="bold")
    for moved in moves:
        numbers = [
            "–" if n is None else str(n.at_least) if n.is_exact else f"{n.at_least}–{n.at_most}"
            for n in (moved.before, moved.after)
        ]
        table.add_row(moved.scope, moved.kind, moved.code, *numbers)
    _show_differing(table)


@app.command()
def reproduce(
    release: Annotated[
        str, typer.Argument(help="A release's id, such as 2026-T1.1.", show_default=False)
    ] = "",
    folder: Annotated[
        Path | None,
        typer.Option(
            "--release", help="On another machine: the release's whole folder.", exists=True, file_okay=False
        ),
    ] = None,
    inbox: Annotated[
        Path | None,
        typer.Option(help="With --release: where the deliveries lie.", exists=True, file_okay=False),
    ] = None,
    keys: KeysOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build a release once more from what it was made from, in a folder of its own, and compare every file.

    Deliveries, decisions, rules, model, standing persons and settings are those of the release; signatures are not
    compared. Exit code 1 with a line for each file that differs, and why. Nothing published is touched.
    On a machine that never saw the release, with this program in the release's version, give its folder and the inbox:
    the releases that it starts from are then built first. The folder must be signed with the key in --keys.

    Example: akrim releases reproduce 2026-T1.1
    Example: akrim releases reproduce --release backup/releases/2026-T1.1 --inbox backup/inbox --keys keys
    """
    from akrim import reproduction
    from akrim.settings import get_settings

    if bool(release) == bool(folder) or bool(folder) != bool(inbox):
        raise UserError(
            "That names neither a release of this installation nor, by --release and --inbox, one from elsewhere.",
            "akrim releases reproduce",
            "See: akrim releases reproduce --help",
        )
    found = (
        reproduction.reproduce_from_folder(folder, inbox, keys or get_settings().keys_path)
        if folder and inbox
        else reproduction.reproduce(release)
    )
    if as_json:
        print_json(asdict(found) | {"folder": str(found.folder)})
    elif not found.differing:
        Screen().item("The same:", f"all {found.same} files of {found.release_id}, byte for byte.", "green")
    if found.differing:
        shown = "\n".join(f"  {line}" for line in found.differing)
        why = " ".join(found.reasons) or "Its inputs and the program are the same: this should not be."
        raise UserError(f"{len(found.differing)} file(s) are not the same:\n{shown}", str(found.folder), why)


def _contents(folder: Path, manifest: dict[str, Any]) -> Table:
    table = Table("file", "bytes", "sha256", box=None, header_style="bold")
    for entry in [*manifest.get("centres", []), *manifest.get("files", [])]:
        table.add_row(entry["path"], f"{entry['bytes']:,}", entry["sha256"][:16] + "…")
    table.caption = str(folder)
    return table


def _tell_history(known: dict[str, Any], console: Screen, as_json: bool) -> None:
    if as_json:
        print_json(known)
        return
    for line in _lines(known):
        console.print(line)


def _is_held(known: dict[str, Any]) -> bool:
    return known["status"] == "building" and bool(known["holds"])


def _at_stake(release_id: str) -> Iterator[str]:
    """What a held release would change on the centres' lists, in figures, and where more is told."""
    from akrim import warehouse
    from akrim.changes import count_changes

    with warehouse.connect() as connection:
        counted = count_changes(connection, release_id)
    yield (
        "Let go, it changes on the centres' lists:"
        if counted
        else "Let go, it changes nobody's place on a list."
    )
    for centre_id, change, cause, persons in counted:
        yield f"  {centre_id}: {persons} {change}" + (f", by {cause}" if cause else "")
    yield f"How well it is linked: akrim link quality --release {release_id}"


def _lines(known: dict[str, Any]) -> Iterator[str]:
    yield f"status: {'held' if _is_held(known) else known['status']}"
    for asked in known["requests"]:
        yield f"asked for {asked['asked_at'][:16]} by {asked['by_name']}"
    for held in known["holds"]:
        yield f"held {held['held_at'][:16]}: {held['reason']}"
        if held["reason_nb"]:
            yield f"  {held['reason_nb']}"
    for act in known["approvals"]:
        yield f"let go {act['approved_at'][:16]} by {act['by_name']}: {act['reason']}"
    for act in known["recalls"]:
        yield f"recalled {act['recalled_at'][:16]} by {act['by_name']}: {act['reason']}"
    for failure in known["failures"]:
        yield f"failed {failure['failed_at'][:16]} in {failure['stage']}: {failure['reason']}"
        yield from (
            f"  refused: {delivery_id} ({code})" for delivery_id, code in failure["issues"]["refused"].items()
        )
        yield from (f"  set aside: {rows} of {file}" for file, rows in failure["issues"]["set_aside"].items())
    for sent in known["sent"]:
        receipt = f"receipt {sent['receipt_at'][:16]}" if sent["receipt_at"] else "no receipt yet"
        yield f"sent {sent['sent_at'][:16]} to {sent['centre_id']}: {receipt}"
