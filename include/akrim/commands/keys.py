"""`akrim keys`: the installation's signing keys and recipients, and a centre's own folder of keys."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from akrim.commands import partner_keys
from akrim.commands.output import Screen, bare_table
from akrim.errors import UserError

app = typer.Typer(
    no_args_is_help=True,
    help="Keys: make them, see which there are, let a centre take part, replace one that is lost or stolen.",
)

CentreArgument = Annotated[str, typer.Argument(help="A centre, such as oslo, or national.")]


@app.command()
def init() -> None:
    """Make the signing key, and the offline key that alone can replace it.

    With synthetic data the first run does this by itself. In production it is done once, by a person, who then
    takes the offline key away from the machine.

    Example: akrim keys init
    """
    from akrim.keys import create_keys
    from akrim.settings import get_settings
    from akrim.trust.keyring import KeyFile

    create_keys()
    console = Screen(soft_wrap=True)
    keys = get_settings().keys_path
    console.print(f"Made in {keys}. Give signing.pub and successor.pub to every centre, in person.")
    console.item(
        f"Now move {KeyFile.SUCCESSOR_SECRET} to a medium that lies in a safe,",
        "and leave no copy here:",
        "bold",
    )
    console.print(f"  mv {keys / KeyFile.SUCCESSOR_SECRET} /media/SAFE/")


@app.command()
def show() -> None:
    """The signing key's id, whether the offline key still lies here, each centre's and agency's keys, and what it signs with.

    Example: akrim keys show
    """
    from akrim.contracts import centres
    from akrim.keys.centres import all_recipients, signer_of
    from akrim.settings import get_settings
    from akrim.trust.keyring import KeyFile
    from akrim.trust.signing import key_id, read_public_key

    keys = get_settings().keys_path
    console = Screen(soft_wrap=True)
    for name, secret in (
        (KeyFile.SIGNING, KeyFile.SIGNING_SECRET),
        (KeyFile.SUCCESSOR, KeyFile.SUCCESSOR_SECRET),
    ):
        if not (keys / name).exists():
            console.print(f"{name}: none; `akrim keys init` makes it")
            continue
        here = "secret half here" if (keys / secret).exists() else "secret half not here"
        console.print(f"{name}: {key_id(read_public_key(keys / name))}, {here}")
    table = bare_table("centre", "keys", "kind", "signs decisions with")
    for centre_id, found in all_recipients().items():
        signs = (signer_of(centre_id) or "no key") if centre_id in centres() else "decides nothing"
        table.add_row(centre_id, str(len(found.keys)), found.kind, signs)
    console.table(table)
    console.table(_agencies(keys))


def _agencies(keys: Path) -> Table:
    from akrim.contracts import load_contracts
    from akrim.keys.agencies import receivers_of
    from akrim.trust.keyring import sender_keys

    table = bare_table("agency", "keys", "signs deliveries with")
    for agency in load_contracts():
        signs = [
            key.id if key.until is None else f"{key.id} until {key.until}"
            for key in sender_keys(keys, agency)
        ]
        table.add_row(agency, str(len(receivers_of(agency))), ", ".join(signs) or "no key")
    return table


@app.command()
def centre(
    centre_id: CentreArgument,
    out: Annotated[Path, typer.Option(help="The folder of keys to make, or to add a new key to.")] = Path(
        "keys"
    ),
) -> None:
    """At a centre: make its secret key and the public part to send; works without an installation.

    Given again it makes a new key beside the old one, which still opens old files.

    Example: akrim keys centre oslo --out keys
    """
    from akrim.atomic_files import write_whole
    from akrim.trust.keyring import KeyFile, read_centre
    from akrim.trust.sealing import create_identity

    _require_centre(centre_id)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    mine = out / KeyFile.CENTRE
    if mine.exists() and mine.stat().st_size and read_centre(out) != centre_id:
        raise UserError("These are another centre's keys.", str(mine), "Name another folder: --out FOLDER.")
    write_whole(mine, f"{centre_id}\n".encode())
    public = create_identity(out)
    console = Screen(soft_wrap=True)
    console.print(f"Keep {out / 'identity.txt'} secret. Send {out / KeyFile.RECIPIENT}:")
    console.print(public)


def _require_centre(name: str) -> None:
    """A centre's own machine knows the names from the texts: it need not read contracts."""
    from akrim.texts import texts

    codes = texts("en", "codes")
    known = sorted({*codes["centre"], *codes["recipient"]} - {"uten_senter"})
    if name not in known:
        raise UserError(f"There is no centre {name!r}.", "the name", f"Name one of {', '.join(known)}.")


@app.command()
def signer(
    out: Annotated[
        Path, typer.Option(help="The folder to make it in, the centre's or the agency's own.")
    ] = Path("keys"),
) -> None:
    """At a centre or an agency: make the key that it signs with, and the public part to hand over.

    Example: akrim keys signer --out keys
    """
    from akrim.trust.keyring import KeyFile
    from akrim.trust.signing import create_pair, key_id, read_public_key

    create_pair(out / KeyFile.DECISIONS_SECRET, out / KeyFile.DECISIONS, "key for decisions")
    console = Screen(soft_wrap=True)
    console.print(
        f"Keep {out / KeyFile.DECISIONS_SECRET} secret. Hand over {out / KeyFile.DECISIONS}, whose id is"
    )
    console.print(key_id(read_public_key(out / KeyFile.DECISIONS)))


@app.command()
def sign(
    form: Annotated[
        Path,
        typer.Argument(
            help="The decision form, filled in, or a delivery's manifest.json.", exists=True, dir_okay=False
        ),
    ],
    keys: Annotated[Path, typer.Option(help="The folder of keys.")] = Path("keys"),
) -> None:
    """At a centre or an agency: sign a decision form, or a delivery's manifest; the signature goes into the inbox beside it.

    Example: akrim keys sign svar-oslo.xlsx --keys keys

    Example: akrim keys sign nav-2026-T2-01/manifest.json --keys keys
    """
    from akrim.trust.keyring import KeyFile
    from akrim.trust.signing import read_secret_key
    from akrim.trust.signing import sign as sign_file

    signature = sign_file(form, read_secret_key(keys / KeyFile.DECISIONS_SECRET), "signed for akrim")
    console = Screen(soft_wrap=True)
    console.print(f"Signed. Put {signature} into the inbox too, under the file's own name and .minisig.")


@app.command()
def succeed(
    offline_key: Annotated[
        Path, typer.Option(help="successor.key, from the safe.", exists=True, dir_okay=False)
    ],
    reason: Annotated[str, typer.Option(help="Why: lost, stolen, or planned.")],
    put_back: Annotated[
        bool,
        typer.Option(
            "--put-back", help="Write the new offline key over the old one there, and leave none here."
        ),
    ] = False,
) -> None:
    """Replace the signing key: a new one, and a statement by the offline key that every centre follows.

    Releases that lie here are signed again with the new key and sent again; whatever else the old key signs from
    now on is refused. A new offline key is made too: with --put-back it takes the old one's place in the safe, and
    nothing is left to do by hand. At a terminal you are asked before anything is replaced.

    Example: akrim keys succeed --offline-key /media/SAFE/successor.key --put-back --reason stolen
    """
    from akrim import warehouse
    from akrim.orchestration import assessment_lock
    from akrim.sending import deliver, replace_keys

    if sys.stdin.isatty():
        typer.confirm("Replace the key that every centre trusts, and send the releases again?", abort=True)
    warehouse.prepare()
    with assessment_lock():  # what is published meanwhile would be signed with the old key
        left_out = replace_keys(offline_key, reason, put_back=put_back)
    console = Screen(soft_wrap=True)
    console.print(
        "The new key counts from now on; the statement that says so goes into every centre's outbox."
    )
    for release_id in left_out:
        console.item("not signed again", f"{release_id}: it is not what the old key signed")
    if put_back:
        console.print(f"The new offline key lies in {offline_key}; there is none on this machine.")
    else:
        console.print("Now move the new successor.key to the safe.", style="bold")
    deliver().require_all()


for command in (partner_keys.add, partner_keys.remove, partner_keys.trust, partner_keys.distrust):
    app.command()(command)
