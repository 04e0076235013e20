"""Rebuilds an old release on a machine that never saw it, from its folder, the deliveries and this program.

pins.json names every release that it started from. They are built in order in an empty database, each after its own
deliveries were received, and the last one is compared with the given folder.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from akrim.contracts import load_contracts
from akrim.deliveries.inbox import MANIFEST, REPLAY_ID, copy_delivery, superseded_id
from akrim.errors import UserError
from akrim.linkage.store import restore_verdicts
from akrim.orchestration import pinning
from akrim.periods import Period, today
from akrim.releases.provenance import Provenance, read_provenance
from akrim.reproduction.building import BuildEnvironment, new_database, new_home, require_model
from akrim.reproduction.comparing import Reproduction, compare_builds, require_unerased
from akrim.settings import get_settings
from akrim.sharing import ASSESSMENT, load_matrix
from akrim.trust import file_sha256


def reproduce_from_folder(folder: Path, inbox: Path, keys: Path) -> Reproduction:
    """Rebuild the release in this folder and compare.

    Args:
        folder: the whole releases/<release_id>; a centre's part is not enough.
        inbox: the agencies' deliveries; only the pinned ones are read.
        keys: the folder with the public keys that the release must be signed with.

    Raises UserError that names each delivery or model that is missing or differs from the pinned one.
    """
    require_unerased(folder)
    provenance = read_provenance(folder, keys)
    for pinned in provenance.releases:
        require_model(pinned["release_id"], pinned["inputs"]["model"])
        _require_contracts(pinned)
    home = new_home(provenance.release_id, provenance.form_keys)
    (home / "inbox").mkdir()
    _collect_deliveries(provenance, inbox, home)
    reasons = list(_lost_inputs(provenance))
    with new_database(provenance.release_id) as address:
        environment = BuildEnvironment(home, address)
        for pinned in provenance.releases:
            _move_to_inbox(pinned, home)
            environment.receive(home / "inbox", pinned["inputs"]["settings"])
            for delivery_id in _to_read_again(address, pinned):
                environment.replay(delivery_id, home / "inbox", pinned["inputs"]["settings"])
            _require_received(address, pinned)
            _restore_release(address, pinned, provenance)
            environment.build(pinned["release_id"], pinned["inputs"]["settings"])
            reasons += _earlier_difference(pinned["release_id"], folder, home)
    return compare_builds(provenance.release_id, folder, home / "releases" / provenance.release_id, reasons)


def _require_contracts(pinned: dict[str, Any]) -> None:
    """Raise UserError where deliveries are an agency's that has no contract here: they could not be received."""
    unknown = sorted(
        {agency for agency, deliveries in _deliveries_of(pinned) if deliveries} - load_contracts().keys()
    )
    if unknown:
        raise UserError(
            f"{pinned['release_id']} was made from deliveries of {', '.join(unknown)}, whose contract is not here.",
            "AKRIM_CONTRACTS",
            "Name the folder of further contracts that the installation had.",
        )


def _lost_inputs(provenance: Provenance) -> Iterator[str]:
    """What of a release's inputs is no longer as it was."""
    present, shut = pinning.code_digest(get_settings().project_root), load_matrix().withheld(today())
    for pinned in provenance.releases:
        if pinned["inputs"]["code"] != present:
            yield f"{pinned['release_id']} was made by another version of the program: expect differences."
        elif pinned["inputs"].get("withheld", {}).get(ASSESSMENT) != shut.get(ASSESSMENT):
            yield f"The sharing matrix of {pinned['release_id']} let in other data: name it as AKRIM_SHARING."
    if removed := sum(row.get("removed_sha256") is not None for row in provenance.link_decisions):
        yield f"{removed} verdict(s) of clerks were removed since, past the time for which they are kept: persons may differ."


def _collect_deliveries(provenance: Provenance, inbox: Path, home: Path) -> None:
    """Copy each pinned delivery, and what it supersedes, to `deliveries`; one error lists all problems."""
    wrong = []
    for agency, delivery_id, digest in _all_deliveries(provenance):
        target = home / "deliveries" / agency / delivery_id
        if target.exists():
            continue
        if delivery_id in provenance.forms:
            wrong += _copy_form(inbox / agency, target, delivery_id, provenance.forms[delivery_id])
        else:
            wrong += copy_delivery(inbox / agency / delivery_id, target, digest)
    if wrong:
        raise UserError(
            "Inputs of the release are missing:" + "".join(f"\n  {line}" for line in wrong),
            str(inbox),
            "Put the original deliveries into the inbox.",
        )


def _to_read_again(address: str, pinned: dict[str, Any]) -> list[str]:
    """The deliveries to be read again, in order, so that the replays which the release was made from are there."""
    with psycopg.connect(address) as connection:
        known = {row[0] for row in connection.execute("select delivery_id from meta.deliveries").fetchall()}
    return [
        f"{original}~{number}" if number else original
        for _, deliveries in _deliveries_of(pinned)
        for original, last in (_original(delivery["delivery_id"]) for delivery in deliveries)
        for number in range(last)
        if f"{original}~{number + 1}" not in known
    ]


def _original(delivery_id: str) -> tuple[str, int]:
    """The id that the agency gave the delivery, and how often it had been read again; 0 for its own."""
    replay = REPLAY_ID.fullmatch(delivery_id)
    return (replay["original"], int(replay["number"])) if replay else (delivery_id, 0)


def _all_deliveries(provenance: Provenance) -> Iterator[tuple[str, str, str]]:
    for pinned in provenance.releases:
        for agency, deliveries in _deliveries_of(pinned):
            for delivery in deliveries:
                yield agency, _original(delivery["delivery_id"])[0], delivery["manifest_sha256"]


def _deliveries_of(pinned: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each agency's deliveries that a release used, including those used for protected addresses alone."""
    inputs = pinned["inputs"]
    for agency, deliveries in inputs["deliveries"].items():
        yield agency, [*deliveries, *inputs.get("protections", {}).get(agency, [])]


def _copy_form(folder: Path, target: Path, delivery_id: str, known: dict[str, str]) -> list[str]:
    """Find a decision form by its content, and restore the name and time that its delivery recorded."""
    for path in sorted(path for path in folder.glob("*.xlsx") if path.is_file()):
        if file_sha256(path).startswith(delivery_id.rpartition("-")[2]):
            target.mkdir(parents=True)
            moment = datetime.fromisoformat(known["delivered_at"]).timestamp()
            os.utime(shutil.copyfile(path, target / known["name"]), (moment, moment))
            return []
    return [f"{delivery_id}: no decision form of that content in {folder}"]


def _move_to_inbox(pinned: dict[str, Any], home: Path) -> None:
    """Move the deliveries that this release is the first to use into the inbox."""
    for agency, deliveries in _deliveries_of(pinned):
        waiting, offered = home / "deliveries" / agency, home / "inbox" / agency
        offered.mkdir(exist_ok=True)
        names = {_original(delivery["delivery_id"])[0] for delivery in deliveries}
        for name in sorted(names | _all_superseded(waiting, names)):
            if not (waiting / name).is_dir():
                continue
            if (waiting / name / MANIFEST).exists():
                (waiting / name).rename(offered / name)
            else:
                for form in (waiting / name).iterdir():
                    form.rename(offered / form.name)


def _all_superseded(waiting: Path, names: set[str]) -> set[str]:
    """What these deliveries supersede, directly and indirectly."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        before = superseded_id(waiting / ahead.pop())
        if before and before not in found:
            found.add(before)
            ahead.append(before)
    return found


def _require_received(address: str, pinned: dict[str, Any]) -> None:
    with psycopg.connect(address) as connection:
        rows = connection.execute(
            "select delivery_id, manifest_sha256, status, reason, detail from meta.deliveries"
        ).fetchall()
    accepted = {row[0]: row[1] for row in rows if row[2] == "accepted"}
    refused = {row[0]: f"refused here ({row[3]}): {row[4]}" for row in rows if row[2] == "refused"}
    wrong = [
        f"{delivery['delivery_id']}: {refused.get(delivery['delivery_id'], 'not received unchanged')}"
        for _, deliveries in _deliveries_of(pinned)
        for delivery in deliveries
        if accepted.get(delivery["delivery_id"]) != delivery["manifest_sha256"]
    ]
    if wrong:
        details = "".join(f"\n  {line}" for line in wrong)
        raise UserError(f"{pinned['release_id']} was made from other deliveries:{details}", "inbox",
                        "Put the original deliveries into the inbox.")  # fmt: skip


def _restore_release(address: str, pinned: dict[str, Any], provenance: Provenance) -> None:
    """Restore the verdicts of the time, and reserve and approve the release with its own pins."""
    with psycopg.connect(address) as connection:
        restore_verdicts(connection, vars(provenance), pinned["last_decision_id"])
    with psycopg.connect(address) as connection:
        about = pinned | {"as_of": Period.parse(pinned["period"]).as_of, "inputs": Jsonb(pinned["inputs"])}
        connection.execute(RESERVE, about)
        connection.execute(APPROVE, about)
        pinning.suppress(connection, pinned["release_id"], pinned["inputs"]["corrections"])
        # Another version may digest otherwise, as it may link otherwise: that it is another one is told.
        is_same_version = pinned["inputs"]["code"] == pinning.code_digest(get_settings().project_root)
        if (
            is_same_version
            and pinning.link_decisions_digest(connection) != pinned["inputs"]["link_decisions"]
        ):
            raise UserError("The link decisions are not those that were pinned.", pinned["release_id"], "Use the "
                            "release's own folder, as published.")  # fmt: skip


RESERVE = """
insert into meta.releases (release_id, period, revision, as_of, status, fingerprint, serial, base_release_id,
    previous_release_id, last_period_release_id, pins, last_decision_id)
values (%(release_id)s, %(period)s, %(revision)s, %(as_of)s, 'building', %(fingerprint)s, %(serial)s, %(base_release_id)s,
    %(previous_release_id)s, %(last_period_release_id)s, %(inputs)s,
    %(last_decision_id)s)
"""
APPROVE = """
insert into meta.release_approvals (release_id, fingerprint, by_name, reason)
values (%(release_id)s, %(fingerprint)s, 'akrim releases reproduce', 'it was out before')
"""


def _earlier_difference(release_id: str, folder: Path, home: Path) -> list[str]:
    """An earlier release beside the given one that differs already explains a difference."""
    earlier = folder.resolve().parent / release_id
    if release_id == folder.resolve().name or not earlier.is_dir():
        return []
    differing = compare_builds(release_id, earlier, home / "releases" / release_id, []).differing
    return [f"{release_id}, which it starts from, differs in {len(differing)} file(s)."] if differing else []
