"""Receive: what is new in an agency's part of the inbox is verified, validated, and accepted or refused.

Deliveries are taken one at a time in order of `delivered_at`, each under a lock of its agency. A delivery that
is refused, or even fails, leaves what was there before it and does not stop the next.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from akrim.characters import neutral_name
from akrim.contracts import DECISIONS, Contract, Extract, load_contracts
from akrim.deliveries.decisions.cell_messages import cell_message
from akrim.deliveries.decisions.form import form_manifest, undecided_rows, unsealed_cells
from akrim.deliveries.decisions.signatures import check_rows_signed
from akrim.deliveries.inbox.files import MANIFEST, read_limited
from akrim.deliveries.inbox.listing import Arrival, list_agency, list_inbox, open_inbox, undeclared
from akrim.deliveries.inbox.manifest import Manifest, check_agreement, check_extracts, read_manifest
from akrim.deliveries.inbox.sender import check_sender, check_sender_keys
from akrim.deliveries.inbox.spool import spool, spool_folder
from akrim.deliveries.landing import prepare_landing
from akrim.deliveries.outcome import DeliveryOutcome, Refusal, first_refusal
from akrim.deliveries.quarantine import check_share
from akrim.deliveries.receiving_lock import agency_lock
from akrim.deliveries.register import as_kept, find_accepted, see_again, standing_outcome
from akrim.deliveries.removal import require_rows
from akrim.deliveries.scratch import Scratch, clear_leftovers, open_scratch
from akrim.deliveries.settling import accept, refuse
from akrim.deliveries.state.sequence import accepted_deliveries, state_sequence
from akrim.errors import UserError
from akrim.full_disk import full_disk
from akrim.settings import get_settings
from akrim.warehouse import connect, prepare, without_person_numbers

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

    from akrim.deliveries.scratch import SuiteFor

log = logging.getLogger(__name__)


def scan(inbox: str) -> list[Arrival]:
    """What lies in the inbox and was not yet dealt with as it lies there now; unknown agencies' folders too."""
    prepare()
    with connect() as connection:
        return [arrival for arrival in list_inbox(inbox) if standing_outcome(connection, arrival) is None]


def receive(
    inbox: str, agency: str, suite_for: "SuiteFor", *, is_scheduled: bool = False
) -> list[DeliveryOutcome]:
    """Deal with every delivery of one agency that the inbox holds; returns one outcome each, in their order.

    Args:
        suite_for: gives an extract's Great Expectations suite.
        is_scheduled: a folder without a manifest is left alone until it has been quiet for a while.

    Raises UserError where a key of the agency's cannot be read: then nothing of it is looked at.
    """
    check_sender_keys(agency)
    prepare()
    prepare_landing()
    folder = open_inbox(inbox) / agency
    if not folder.is_dir():
        return []
    with agency_lock(agency):
        clear_leftovers(agency)
        return _deal_with_all(_in_order(list_agency(folder)), suite_for, is_scheduled)


def record_strays(inbox: str, *, is_scheduled: bool = False) -> list[DeliveryOutcome]:
    """Refuse what lies in folders of agencies without a contract, so that it is seen."""
    prepare()
    strays = [arrival for arrival in list_inbox(inbox) if arrival.agency not in load_contracts()]
    items = [(arrival, read_limited(arrival.path / MANIFEST)) for arrival in strays]
    return _deal_with_all(items, _no_suite, is_scheduled)


def _deal_with_all(
    items: list[tuple[Arrival, bytes | None]], suite_for: "SuiteFor", is_scheduled: bool
) -> list[DeliveryOutcome]:
    """Deal with each; one on which the receiver itself fails leaves nothing behind and does not stop the next.

    Raises RuntimeError, after all were dealt with, that names those, a defect to be mended; UserError for a full disk.
    """
    outcomes, failed, full = [], [], None
    for item in items:
        try:
            outcomes.append(_deal_with(item, suite_for, is_scheduled))
        except Exception as error:  # noqa: BLE001  # whatever it is, the next delivery is another matter
            failed.append(f"{item[0].delivery_id} ({type(error).__name__})")
            log.warning("failed on %s: %s", item[0].delivery_id, type(error).__name__)
            full = full or full_disk(error)
    if failed:
        raise full or RuntimeError(
            f"The receiver itself failed on {', '.join(failed)}; the others were dealt with."
        )
    return outcomes


def _no_suite(extract: Extract) -> "ExpectationSuite":
    raise RuntimeError(f"{extract.table} came from an agency without a contract")


def _in_order(arrivals: list[Arrival]) -> list[tuple[Arrival, bytes | None]]:
    """Arrivals with their manifests' bytes, by `delivered_at`; those without a usable one come first."""
    with_manifest = [(a, None if a.is_form else read_limited(a.path / MANIFEST)) for a in arrivals]

    def moment(item: tuple[Arrival, bytes | None]) -> tuple[float, str]:
        arrival, raw = item
        if arrival.is_form:
            return arrival.last_change.timestamp(), arrival.delivery_id
        try:
            return read_manifest(raw or b"").delivered_at.timestamp(), arrival.delivery_id
        except Refusal:
            return 0.0, arrival.delivery_id

    return sorted(with_manifest, key=moment)


def _deal_with(
    item: tuple[Arrival, bytes | None], suite_for: "SuiteFor", is_scheduled: bool
) -> DeliveryOutcome:
    arrival, raw = item
    with connect() as connection:
        standing = standing_outcome(connection, arrival)
    if standing is not None:
        return standing
    manifest: Manifest | None = None
    try:
        if raw is None and not arrival.is_form:
            if is_scheduled and not arrival.is_quiet():
                return DeliveryOutcome(arrival.delivery_id, arrival.agency, "waiting")
            raise Refusal("manifest_missing", "The folder has no manifest.json; it is written last.")
        manifest = form_manifest(arrival) if raw is None else read_manifest(raw)
        contract = check_agreement(manifest, load_contracts())
        _check_origin(arrival, manifest, raw)
        if _is_loaded_already(arrival, manifest):
            return DeliveryOutcome(manifest.delivery_id, manifest.agency, "already_loaded", is_new=False)
        before = _predecessors(manifest, contract)
        return _take(arrival, manifest, contract, before, suite_for)
    except Refusal as refusal:
        refuse(arrival, manifest, refusal, None, [])
        log.warning("refused %s: %s", arrival.delivery_id, refusal.code)
        return _refused(arrival, manifest, refusal)


def _check_origin(arrival: Arrival, manifest: Manifest, raw: bytes | None) -> None:
    """Placed where it says, signed where a key is known, and of the world that the installation takes."""
    if raw is not None and (manifest.agency, manifest.delivery_id) != (arrival.agency, arrival.delivery_id):
        raise Refusal(
            "misplaced",
            f"The manifest is of {neutral_name(manifest.agency)}/{manifest.delivery_id}, the folder is not.",
        )
    if raw is not None and not manifest.delivery_id.startswith(f"{manifest.agency}-"):
        raise Refusal("misplaced", f"{manifest.delivery_id} is another agency's id, not {manifest.agency}'s.")
    if raw is not None:
        check_sender(arrival, raw)
    mode = get_settings().data_mode
    if raw is not None and manifest.synthetic is not (mode == "synthetic"):
        raise Refusal("synthetic_mismatch", f"`synthetic` must say that the data suit a {mode} installation.")


def _is_loaded_already(arrival: Arrival, manifest: Manifest) -> bool:
    """Raises Refusal where the id is taken by other content; a form's id holds its hash, so it can't be."""
    with connect() as connection:
        known = find_accepted(connection, manifest.delivery_id)
        if known is not None and (known == as_kept(connection, manifest.content) or arrival.is_form):
            see_again(connection, arrival, manifest.delivery_id)
            return True
    if known is not None:
        raise Refusal(
            "delivery_id_reused",
            f"{manifest.delivery_id} was accepted with other content; a correction needs a new id.",
        )
    return False


def _predecessors(manifest: Manifest, contract: Contract) -> list[str]:
    """The deliveries that the state before this one consists of."""
    with connect() as connection:
        accepted = accepted_deliveries(connection, contract.agency)
    if manifest.supersedes is not None and manifest.supersedes not in {d.delivery_id for d in accepted}:
        raise Refusal(
            "unknown_predecessor", f"It supersedes {manifest.supersedes[:60]!r}, which was never accepted."
        )
    earlier = [
        d
        for d in accepted
        if d.delivery_id != manifest.supersedes
        and (d.period < str(manifest.period) or d.moment < manifest.moment)
    ]
    before = state_sequence(earlier, str(manifest.period), contract.is_append_only)
    _require_rows(before)
    if manifest.mode == "delta" and not contract.is_append_only and not before:
        raise Refusal("unknown_predecessor", "A delta needs a full delivery before it; none was accepted.")
    return before


def _require_rows(before: list[str]) -> None:
    try:
        with connect() as connection:
            require_rows(connection, before)
    except UserError as gone:
        raise Refusal("unknown_predecessor", f"What it follows is no longer kept. {gone.what}") from None


def _take(
    arrival: Arrival, manifest: Manifest, contract: Contract, before: list[str], suite_for: "SuiteFor"
) -> DeliveryOutcome:
    with spool_folder(contract.agency) as folder:
        paths = spool(arrival, manifest, folder)
        check_extracts(manifest, contract)
        notes = _notes_on_others(arrival, manifest)
        undecided = undecided_rows(arrival, paths[DECISIONS]) if arrival.is_form else []
        notes += [cell_message(contract.extract(cell.extract), cell) for cell in undecided]
        with open_scratch(contract, manifest, before) as scratch:
            if arrival.is_form:
                scratch.mark_unsealed(unsealed_cells(arrival, paths[DECISIONS]))
            _raise_first(_load_all(scratch, paths))
            if not arrival.is_form:
                check_rows_signed(arrival, manifest, scratch)
            notes += _validate_all(scratch, suite_for)
            refusal = first_refusal(_shares(scratch))
            if refusal is not None:
                set_aside = refuse(arrival, manifest, refusal, scratch, notes, undecided)
                return _refused(arrival, manifest, refusal, set_aside)
            counts = accept(arrival, scratch, notes, undecided)
    log.info("accepted %s: %s", manifest.delivery_id, counts)
    return DeliveryOutcome(
        manifest.delivery_id,
        manifest.agency,
        "accepted",
        loaded={name: loaded for name, (loaded, _) in counts.items()},
        quarantined={name: set_aside for name, (_, set_aside) in counts.items() if set_aside},
        notes=notes,
    )


def _notes_on_others(arrival: Arrival, manifest: Manifest) -> list[str]:
    """A sentence on each file that was not declared; its name may be anything, a person number too."""
    with connect() as connection:
        return [
            f"not declared, not read: {without_person_numbers(connection, name)}"
            for name in undeclared(arrival, manifest)
        ]


def _load_all(scratch: Scratch, paths: dict[str, Path]) -> list[Refusal]:
    """Load every file, whatever is wrong with another: the specification's order decides which reason is given."""
    refusals = []
    for file in scratch.manifest.files:
        count, refusal = scratch.load(scratch.contract.extract(file.extract), file, paths[file.extract])
        if refusal is not None:
            refusals.append(refusal)
        elif count != file.rows:
            refusals.append(
                Refusal("rows_mismatch", f"{file.name} has {count} records; {file.rows} are declared.")
            )
    return refusals


def _raise_first(refusals: list[Refusal]) -> None:
    refusal = first_refusal(refusals)
    if refusal is not None:
        raise refusal


def _validate_all(scratch: Scratch, suite_for: "SuiteFor") -> list[str]:
    """Validate parents before their children, so that a parent set aside takes its children with it."""
    delivered = {file.extract for file in scratch.manifest.files}
    parents = {parent for extract in scratch.contract.extracts for _, parent in extract.parents}
    notes = []
    for extract in scratch.contract.extracts:
        if extract.name in delivered:
            notes += scratch.validate(extract, suite_for(extract))
        if extract.name in parents:
            scratch.keep_keys(extract, extract.name in delivered)
    return notes


def _shares(scratch: Scratch) -> list[Refusal]:
    files = scratch.manifest.files
    found = [check_share(scratch, scratch.contract.extract(file.extract), file) for file in files]
    return [refusal for refusal in found if refusal is not None]


def _refused(
    arrival: Arrival, manifest: Manifest | None, refusal: Refusal, set_aside: dict[str, int] | None = None
) -> DeliveryOutcome:
    return DeliveryOutcome(
        delivery_id=manifest.delivery_id if manifest else arrival.delivery_id,
        agency=manifest.agency if manifest else arrival.agency,
        status="refused",
        code=refusal.code,
        detail=refusal.detail,
        quarantined={name: count for name, count in (set_aside or {}).items() if count},
    )
