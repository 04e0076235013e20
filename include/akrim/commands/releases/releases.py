"""`akrim releases`: lists and shows releases, and puts the subcommands together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.commands.releases.actions import approve, deliver, erase, hold, recall
from akrim.commands.releases.comparing import diff, reproduce
from akrim.commands.releases.deleted import deleted
from akrim.commands.releases.verify import ReleaseArgument, decrypt, folder_of, verify
from akrim.errors import UserError
from akrim.texts import texts

app = typer.Typer(
    no_args_is_help=True,
    help="The releases: list them, look into one, compare two, open and verify, let go, send, recall.",
)


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
    table = bare_table("release", "cut-off date", "status", "previous", "receipts")
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
    Screen().table(table, "No release yet. `akrim run --period 2026-T1` makes one.")


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
        if _is_held(known) and not known["is_overtaken"] and not as_json:
            for line in _at_stake(release):
                console.print(line)
        return
    folder = folder_of(release)
    manifest = read_manifest(folder)
    if as_json:
        print_json(manifest | ({"history": known} if known else {}))
        return
    try:
        _tell_folder(folder, manifest, console)
    except (AttributeError, LookupError, TypeError):
        raise UserError(
            "The manifest says other things than a release's does.",
            str(folder),
            "`akrim releases verify` says whether it is signed.",
        ) from None
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
    for entry in manifest.get("centres", []):
        if erased := entry.get("erased"):
            console.print(f"erased {erased['date']}, the part of {entry['centre_id']}: {erased['reason']}")


def _history(release: str) -> dict[str, Any] | None:
    from akrim import ledger, warehouse

    warehouse.prepare()
    return ledger.history(release)


def _contents(folder: Path, manifest: dict[str, Any]) -> Table:
    table = bare_table("file", "bytes", "sha256")
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
    if known["is_overtaken"]:
        yield texts("en", "pages")["releases"]["overtaken"]
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
    yield from _sent(known)


def _sent(known: dict[str, Any]) -> Iterator[str]:
    """What each centre was sent and told to delete, and whether it has confirmed that."""
    for sent in known["sent"]:
        receipt = f"receipt {sent['receipt_at'][:16]}" if sent["receipt_at"] else "no receipt yet"
        yield f"sent {sent['sent_at'][:16]} to {sent['centre_id']}: {receipt}"
    for told in known["erasures"]:
        confirmed = f"confirmed {told['receipt_at'][:16]}" if told["receipt_at"] else "not confirmed yet"
        yield f"told {told['sent_at'][:16]} to delete it, {told['centre_id']}: {confirmed}"


for command in (diff, reproduce, verify, decrypt, deleted, approve, hold, recall, erase, deliver):
    app.command()(command)
