"""`akrim releases diff` and `reproduce`: compare two releases, and one with what building it again gives."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from akrim.commands.audit.consulting import ByOption, PurposeOption
from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.commands.releases.verify import KeysOption, ReleaseArgument, folder_of
from akrim.errors import UserError
from akrim.settings import read_settings

if TYPE_CHECKING:
    from akrim.changes import Change
    from akrim.sharing.national import FigureChange

CentreOption = Annotated[str | None, typer.Option("--centre", help="One centre alone, such as oslo.")]


def diff(
    earlier: ReleaseArgument,
    later: ReleaseArgument,
    centre: CentreOption = None,
    as_json: JsonOption = False,
    by: ByOption = "",
    purpose: PurposeOption = "",
) -> None:
    """What changed on the lists from one release to another; compares the files, so any two can be compared.

    Signatures and hashes are not looked at: whether a folder is as it was signed, `akrim releases verify` says.

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
        from akrim import audit  # which a centre's base install has no use for

        audit.log_consultation("releases diff", by, purpose, _persons(found))
    if as_json:
        print_json(found)
        return
    table = bare_table("centre", "person", "change", "points before", "points after")
    for centre_id, changes in found.items():
        for change in changes:
            points = [
                str(line["total_points"]) if line else "–" for line in (change["before"], change["after"])
            ]
            table.add_row(centre_id, change["person_id"], change["change"], *points)
    Screen().table(table, "Nothing differs.")


def _is_own(folder: Path) -> bool:
    """Whether it is a release of this installation, which alone has a log; a centre compares what it has unpacked."""
    return folder.resolve().is_relative_to(read_settings().releases_path.resolve())


def _persons(found: "dict[str, list[Change]]") -> set[str]:
    return {change["person_id"] for changes in found.values() for change in changes}


def _show_moves(moves: "list[FigureChange]", *, as_json: bool) -> None:
    """The figures with what the earlier and the later release tell: a number, or a range where it is small."""
    if as_json:
        told = [
            moved._asdict()
            | {name: n and n._asdict() for name, n in (("before", moved.before), ("after", moved.after))}
            for moved in moves
        ]
        print_json({"national": told})
        return
    table = bare_table("scope", "figure", "code", "period", "before", "after")
    for moved in moves:
        numbers = [
            "–" if n is None else str(n.at_least) if n.is_exact else f"{n.at_least}–{n.at_most}"
            for n in (moved.before, moved.after)
        ]
        table.add_row(moved.scope, moved.kind, moved.code, moved.period, *numbers)
    Screen().table(table, "Nothing differs.")


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
