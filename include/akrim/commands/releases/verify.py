"""`akrim releases verify` and `decrypt`: run at a centre, with only the files and its keys."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from akrim.atomic_files import write_whole
from akrim.commands.days import day
from akrim.commands.output import JsonOption, Screen, print_json
from akrim.errors import UserError
from akrim.periods import today
from akrim.settings import read_settings
from akrim.texts import LANGUAGES
from akrim.trust import Refused, Suffix
from akrim.trust.verification import Check, Verified
from akrim.trust.verification import receipt as receipt_of

ReleaseArgument = Annotated[str, typer.Argument(help="A release's id, such as 2026-T1.1, or a folder.")]
KeysOption = Annotated[
    Path | None,
    typer.Option("--keys", help="The folder of keys.  [default: the installation's own]", file_okay=False),
]
AtOption = Annotated[
    date | None, typer.Option("--at", parser=day, help="The day to judge by.  [default: today]")
]
NoticesOption = Annotated[
    list[Path] | None,
    typer.Option("--notices", help="A further folder in which recalls may lie.", file_okay=False),
]
OlderOption = Annotated[
    bool, typer.Option("--older", help="An older, superseded or expired release is meant, for looking back.")
]
ReceiptOption = Annotated[
    Path | None,
    typer.Option(
        "--receipt",
        help="Write a receipt to send back, into this folder (or to this file, named *.receipt.json).",
        show_default=False,
    ),
]
BaseOption = Annotated[
    str,
    typer.Option(
        "--base",
        metavar="RELEASE",
        help="The same centre's part of the previous release, named in the same way: previous + delta must be this.",
        show_default=False,
    ),
]


def verify(
    release: Annotated[
        str,
        typer.Argument(
            help="A release's or a centre's folder, or an id, such as 2026-T1.1 or 2026-T1.1/oslo."
        ),
    ],
    keys: KeysOption = None,
    at: AtOption = None,
    notices: NoticesOption = None,
    older: OlderOption = False,
    receipt: ReceiptOption = None,
    base: BaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Check that a release may be used: signed, whole, for this centre, not recalled, expired or outdated.

    Works on any machine with nothing but the files and the sender's public keys. Exit code 1, with the reason,
    where it may not be used.

    Example: akrim releases verify 2026-T1.1/oslo --keys keys
    """
    from akrim.trust.verification import disputed
    from akrim.trust.verification import verify as check_release

    folder, check = folder_of(release), _check(keys, at, notices, older)
    base_folder = folder_of(base) if base else None
    with _refusals_as_json(str(folder), as_json):
        found = check_release(folder, check)
        if base_folder:
            _check_base(folder, base_folder)
    _print_verified(found, folder, disputed(found, check), as_json)
    if receipt is not None:
        _write_receipt(found, receipt, check.on)


def decrypt(
    sealed: Annotated[
        Path, typer.Argument(help="A sealed file from the outbox.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="Where the release's folder is put.", file_okay=False)] = Path(),
    keys: KeysOption = None,
    at: AtOption = None,
    notices: NoticesOption = None,
    older: OlderOption = False,
    receipt: ReceiptOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a sealed release with the centre's key, and verify it; nothing is left where it may not be used.

    Recalls and other notices that lie beside the file are taken into account. A sealed notice of a dispute is opened in
    the same way: what it says is shown, and again whenever the release that it concerns is verified.

    Example: akrim releases decrypt 2026-T1.1.tar.age --keys keys --out releases
    """
    from akrim.trust.verification import disputed, unseal, unseal_notice

    check = _check(keys, at, notices, older)
    with _refusals_as_json(str(sealed), as_json):
        if sealed.name.endswith(Suffix.NOTICE):
            _print_notice(unseal_notice(sealed, check), as_json)
            return
        folder, found = unseal(sealed, out, check)
    _print_verified(found, folder, disputed(found, check), as_json)
    if receipt is not None:
        _write_receipt(found, receipt, check.on)


def folder_of(release: str) -> Path:
    """The folder of a release: an existing path, or a release id under the home folder."""
    path = Path(release)
    if path.is_dir():
        return path
    known = read_settings().releases_path / release
    if known.is_dir():
        return known
    raise UserError(
        f"There is no release {release!r}.",
        str(known),
        "Give a release's folder, or at the installation an id: `akrim releases list` shows them.",
    )


def _check(keys: Path | None, at: date | None, notices: list[Path] | None, older: bool) -> Check:
    return Check(keys or read_settings().keys_path, at or today(), tuple(notices or ()), older)


@contextmanager
def _refusals_as_json(where: str, as_json: bool) -> Iterator[None]:
    """Print a refusal as JSON too, if requested."""
    try:
        yield
    except Refused as refused:
        if as_json:
            refusal = {
                "folder": where,
                "usable": False,
                "code": refused.code,
                "problems": refused.what.splitlines(),
            }
            print_json(refusal)
        raise


def _check_base(folder: Path, base: Path) -> None:
    from akrim.deltas import DOCUMENT
    from akrim.deltas import check as check_delta

    if not (folder / DOCUMENT).is_file():  # which is signed and whole, so that it should have none
        raise UserError(
            "Only a centre's part of a release has a delta that can be held against the part before.",
            str(folder),
            "Leave out --base, or name a centre's part, such as 2026-T1.1/oslo.",
        )
    problems = check_delta(folder, base)
    if problems:
        raise Refused(
            "not_from_base",
            "The previous release and the delta do not give this one: " + "; ".join(problems),
            str(base),
            "Name the folder that delta.json starts from, or ask for the release again.",
        )


def _print_notice(notice: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(notice)
        return
    row = f"{notice['agency']}/{notice['extract']}/{notice['source_row_id']}"
    about = f"{row}, {', '.join(notice['person_ids'])}"
    console = Screen(soft_wrap=True)
    console.item(notice["case_id"], f"{about}: {notice['reason']}")
    for told in filter(None, (notice.get(f"told_{language}") for language in LANGUAGES)):
        console.print(f"  {told}")


def _print_verified(found: Verified, folder: Path, disputes: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        data = {"folder": str(folder), "usable": True, **asdict(found), "problems": [], "disputed": disputes}
        print_json(data)
        return
    whose = f" for {found.recipient}" if found.recipient else ""
    until = f", to be used until {found.expires}" if found.expires else ""
    console = Screen(soft_wrap=True)
    console.item(
        "Whole and signed:",
        f"{found.release_id}{whose}, number {found.revision} of the series{until}.",
        "green",
    )
    console.print(str(folder))
    for notice in disputes:
        _print_notice(notice, as_json=False)


def _write_receipt(found: Verified, target: Path, on: date) -> None:
    if found.recipient is None:
        raise UserError("A receipt is for one centre's part.", found.release_id, "Name the centre's folder.")
    write_receipt(f"{found.release_id}-{found.recipient}", receipt_of(found, on), target)


def write_receipt(name: str, content: dict[str, Any], target: Path) -> None:
    """Write a receipt into the folder, or as the file of that kind that `target` names."""
    # A file of any other name would lie unread in the outbox, and so would one in place of a folder that is not there yet.
    path = target if target.name.endswith(Suffix.RECEIPT) else target / f"{name}{Suffix.RECEIPT}"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, (json.dumps(content, indent=2) + "\n").encode())
    Screen(stderr=True, soft_wrap=True).print(f"Receipt: {path!s}")
