"""An old release built again on a machine that never saw it: from its folder, the deliveries and this program alone.

Its pins.json names every release whose persons it started from. They are built one after the other in an empty
database, each after its own deliveries were received, and the last one is compared with the folder that was given.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from akrim import linkage
from akrim.deliveries.decisions.seal import give_form_keys
from akrim.deliveries.inbox import MANIFEST, SIGNATURE, read_limited
from akrim.deliveries.manifest import DELIVERY_ID, Manifest, read_manifest
from akrim.deliveries.outcome import Refusal
from akrim.deliveries.spool import check_name
from akrim.errors import UserError
from akrim.orchestration import pinning
from akrim.periods import Period
from akrim.releases.provenance import Chain, read_chain
from akrim.reproduction.building import Workshop, new_database
from akrim.reproduction.comparing import Reproduction, compared
from akrim.settings import get_settings


def reproduce_elsewhere(folder: Path, inbox: Path, keys: Path) -> Reproduction:
    """Build the release in this folder again and compare.

    Args:
        folder: releases/<release_id>, whole: what a centre has is not enough.
        inbox: where the agencies' deliveries lie; only those that were pinned are read.
        keys: the folder with the public keys that the release must be signed with.

    Raises UserError that names each delivery or model that is missing or another than the pinned one.
    """
    chain = read_chain(folder, keys)
    _demand_model(chain)
    os.umask(0o077)
    home = get_settings().home / "reproduced" / chain.release_id
    shutil.rmtree(home, ignore_errors=True)
    (home / "inbox").mkdir(mode=0o700, parents=True)
    _lay_out(chain, inbox, home)
    give_form_keys(home / "keys", chain.form_keys)
    reasons = list(_other_programs(chain))
    with new_database(chain.release_id) as address:
        workshop = Workshop(home, address)
        for pinned in chain.releases:
            _offer(pinned, home)
            workshop.receive(home / "inbox", pinned["inputs"]["settings"])
            _demand_received(address, pinned)
            _enter(address, pinned, chain)
            workshop.build(pinned["release_id"], pinned["inputs"]["settings"])
            reasons += _differs_already(pinned["release_id"], folder, home)
    return compared(chain.release_id, folder, home / "releases" / chain.release_id, reasons)


def _demand_model(chain: Chain) -> None:
    for pinned in chain.releases:
        name = pinned["inputs"]["model"].partition(":")[0]
        with suppress(UserError, FileNotFoundError):
            if linkage.model_version(name) == pinned["inputs"]["model"]:
                continue
        raise UserError(
            f"{pinned['release_id']} was linked with the model {pinned['inputs']['model']}, which is not here.",
            name,
            "Take the program's version of that time; a model trained at the installation lies under its home folder.",
        )


def _other_programs(chain: Chain) -> Iterator[str]:
    present = pinning.code_digest(get_settings().project_root)
    for pinned in chain.releases:
        if pinned["inputs"]["code"] != present:
            yield f"{pinned['release_id']} was made by another version of the program: differences are to be expected."


def _lay_out(chain: Chain, inbox: Path, home: Path) -> None:
    """Put each pinned delivery, and what it supersedes, aside under `deliveries`; all that is wrong is told at once."""
    wrong = []
    for agency, delivery_id, digest in _deliveries(chain):
        target = home / "deliveries" / agency / delivery_id
        if target.exists():
            continue
        if delivery_id in chain.forms:
            wrong += _take_form(inbox / agency, target, delivery_id, chain.forms[delivery_id])
        else:
            wrong += _take_delivery(inbox / agency / delivery_id, target, digest)
    if wrong:
        raise UserError(
            "What the release was made from is not all here:" + "".join(f"\n  {line}" for line in wrong),
            str(inbox),
            "Put these deliveries into the inbox as they were.",
        )


def _deliveries(chain: Chain) -> Iterator[tuple[str, str, str]]:
    for pinned in chain.releases:
        for agency, deliveries in _received_by(pinned):
            for delivery in deliveries:
                yield agency, delivery["delivery_id"], delivery["manifest_sha256"]


def _received_by(pinned: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each agency's deliveries that a release was made from, and those that it heard on protected addresses alone."""
    inputs = pinned["inputs"]
    for agency, deliveries in inputs["deliveries"].items():
        yield agency, [*deliveries, *inputs.get("protections", {}).get(agency, [])]


def _take_delivery(source: Path, target: Path, digest: str | None) -> list[str]:
    """Put the manifest and the files that it names aside, and nothing else of what lies in the folder."""
    raw = None if source.is_symlink() else read_limited(source / MANIFEST)
    if raw is None:
        return [f"{source.name}: missing"]
    if digest not in (None, hashlib.sha256(raw).hexdigest()):
        return [f"{source.name}: another manifest than the pinned one"]
    try:
        manifest = read_manifest(raw)
    except Refusal as refusal:
        return [f"{source.name}: {refusal}"]
    if (manifest.agency, manifest.delivery_id) != (source.parent.name, source.name):
        return [f"{source.name}: the manifest is another delivery's"]
    target.mkdir(mode=0o700, parents=True)
    (target / MANIFEST).write_bytes(raw)
    _copy_named(source, target, manifest)
    superseded = _superseded_by(manifest)
    # It was accepted before the one that takes its place, though no release may have used it.
    if superseded and not (target.parent / superseded).exists():
        return _take_delivery(source.parent / superseded, target.parent / superseded, None)
    return []


def _copy_named(source: Path, target: Path, manifest: Manifest) -> None:
    """What has no plain name of its own there is missing here, and the delivery refused for it."""
    names = [file.name for file in manifest.files]
    with suppress(Refusal):
        for name in (SIGNATURE, *names):
            check_name(source, name)
            if (source / name).is_file():
                _linked(source / name, target / name)


def _superseded_by(manifest: Manifest) -> str | None:
    """The delivery whose place it took; what is no id names none."""
    before = manifest.supersedes
    return before if before and DELIVERY_ID.fullmatch(before) else None


def _take_form(folder: Path, target: Path, delivery_id: str, known: dict[str, str]) -> list[str]:
    """A decision form is known by its content; its name and time, which its delivery tells, are made those of then."""
    for path in sorted(path for path in folder.glob("*.xlsx") if path.is_file()):
        if hashlib.sha256(path.read_bytes()).hexdigest().startswith(delivery_id.rpartition("-")[2]):
            target.mkdir(parents=True)
            moment = datetime.fromisoformat(known["delivered_at"]).timestamp()
            os.utime(shutil.copyfile(path, target / known["name"]), (moment, moment))
            return []
    return [f"{delivery_id}: no decision form of that content in {folder}"]


def _linked(source: Path, target: Path) -> None:
    """The same file under another name where the file system allows it: deliveries can be large."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _offer(pinned: dict[str, Any], home: Path) -> None:
    """Move into the workshop's inbox what this release is the first to use."""
    for agency, deliveries in _received_by(pinned):
        waiting, offered = home / "deliveries" / agency, home / "inbox" / agency
        offered.mkdir(exist_ok=True)
        names = {delivery["delivery_id"] for delivery in deliveries}
        for name in sorted(names | _superseded(waiting, names)):
            if not (waiting / name).is_dir():
                continue
            if (waiting / name / MANIFEST).exists():
                (waiting / name).rename(offered / name)
            else:
                for form in (waiting / name).iterdir():
                    form.rename(offered / form.name)


def _superseded(waiting: Path, names: set[str]) -> set[str]:
    """What these deliveries took the place of, and so on."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        with suppress(OSError, Refusal):
            before = _superseded_by(read_manifest((waiting / ahead.pop() / MANIFEST).read_bytes()))
            if before and before not in found:
                found.add(before)
                ahead.append(before)
    return found


def _demand_received(address: str, pinned: dict[str, Any]) -> None:
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "select delivery_id, manifest_sha256, status, reason, detail from meta.deliveries"
        ).fetchall()
    accepted = {row[0]: row[1] for row in rows if row[2] == "accepted"}
    refused = {row[0]: f"refused here ({row[3]}): {row[4]}" for row in rows if row[2] == "refused"}
    wrong = [
        f"{delivery['delivery_id']}: {refused.get(delivery['delivery_id'], 'not received as it was')}"
        for _, deliveries in _received_by(pinned)
        for delivery in deliveries
        if accepted.get(delivery["delivery_id"]) != delivery["manifest_sha256"]
    ]
    if wrong:
        told = "".join(f"\n  {line}" for line in wrong)
        raise UserError(f"{pinned['release_id']} was made from other deliveries:{told}", "inbox",
                        "Put these deliveries into the inbox as they were.")  # fmt: skip


def _enter(address: str, pinned: dict[str, Any], chain: Chain) -> None:
    """What people had decided by then, and then the release, reserved with its own pins and let go as it was."""
    with psycopg.connect(address) as connection:
        linkage.restore_verdicts(connection, vars(chain), pinned["last_decision_id"])
    with psycopg.connect(address) as connection:
        about = pinned | {"as_of": Period.parse(pinned["period"]).as_of, "inputs": Jsonb(pinned["inputs"])}
        connection.execute(RESERVE, about)
        connection.execute(LET_GO, about)
        pinning.suppress(connection, pinned["release_id"], pinned["inputs"]["corrections"])
        if pinning.link_decisions_digest(connection) != pinned["inputs"]["link_decisions"]:
            raise UserError("The link decisions are not those that were pinned.", pinned["release_id"], "Take the "
                            "release's own folder, as it was published.")  # fmt: skip


RESERVE = """
insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, serial, base_release_id,
    previous_release_id, last_period_release_id, pins)
values (%(release_id)s, %(period)s, %(revision)s, %(as_of)s, 'building', %(fingerprint)s, %(serial)s, %(base_release_id)s,
    %(previous_release_id)s, %(last_period_release_id)s, %(inputs)s)
"""
LET_GO = """
insert into meta.release_approvals (release_id, fingerprint, by_name, reason)
values (%(release_id)s, %(fingerprint)s, 'akrim releases reproduce', 'it was out before')
"""


def _differs_already(release_id: str, folder: Path, home: Path) -> list[str]:
    """Where an earlier release of the chain lies beside the given one, a difference there explains one here."""
    earlier = folder.resolve().parent / release_id
    if release_id == folder.resolve().name or not earlier.is_dir():
        return []
    differing = compared(release_id, earlier, home / "releases" / release_id, []).differing
    return [f"{release_id}, which it starts from, differs in {len(differing)} file(s)."] if differing else []
