"""Receive: what is new in an agency's part of the inbox is verified, validated, and accepted or refused.

Deliveries are taken one at a time in order of `delivered_at`, each under a lock of its agency. A delivery that
is refused, or even fails, leaves what was there before it and does not stop the next.
"""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from akrim.characters import neutral_name
from akrim.contracts import Contract, Extract, load_contracts
from akrim.deliveries.decisions.form import form_manifest
from akrim.deliveries.inbox.files import MANIFEST, StorageFailed, is_folder, read_limited
from akrim.deliveries.inbox.listing import Arrival, list_agency, list_inbox, open_inbox
from akrim.deliveries.inbox.manifest import Manifest, check_agreement, read_manifest
from akrim.deliveries.inbox.sender import check_sender
from akrim.deliveries.landing import prepare_landing
from akrim.deliveries.outcome import DeliveryOutcome, Refusal
from akrim.deliveries.receiving_lock import agency_lock
from akrim.deliveries.register import as_told, find_accepted, folder_name, standing_outcome
from akrim.deliveries.removal import require_rows
from akrim.deliveries.replaying import (
    ReplayRequest,
    as_replay,
    finish_replay,
    newest_replay,
    open_requests,
    require_still_there,
    sets_the_same_aside,
)
from akrim.deliveries.scratch import clear_leftovers
from akrim.deliveries.settling import refuse
from akrim.deliveries.state.data_mode import require_data_mode
from akrim.deliveries.state.sequence import accepted_deliveries, not_replaced, place_of, state_sequence
from akrim.deliveries.taking import refused, take, taken_before
from akrim.errors import UserError
from akrim.full_disk import full_disk
from akrim.settings import get_settings
from akrim.trust.keyring import sender_keys
from akrim.warehouse import connect, prepare

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

    from akrim.deliveries.taking import SuiteFor

log = logging.getLogger(__name__)

# A manifest as it lies there, None where there is none, or that the storage broke off on it.
Raw = bytes | StorageFailed | None


def scan(inbox: str) -> list[Arrival]:
    """What lies in the inbox and was not yet dealt with as it lies there now; unknown agencies' folders too."""
    prepare()
    with connect() as connection:
        return [arrival for arrival in list_inbox(inbox) if standing_outcome(connection, arrival) is None]


def receive(
    inbox: str, agency: str, suite_for: "SuiteFor", *, is_scheduled: bool = False
) -> list[DeliveryOutcome]:
    """Deal with every delivery of one agency that the inbox holds; returns one outcome each, in their order.

    Those that a person asked to have read again come first.

    Args:
        suite_for: gives an extract's Great Expectations suite.
        is_scheduled: a folder without a manifest is left alone until it has been quiet for a while.

    Raises UserError where a key of the agency's cannot be read, or what is in force is of the other world: then nothing is looked at.
    """
    sender_keys(get_settings().keys_path, agency)  # by one that is damaged nothing is taken in, or refused
    prepare()
    require_data_mode()
    prepare_landing()
    folder = open_inbox(inbox) / agency
    if not is_folder(folder):
        return []
    with agency_lock(agency):
        clear_leftovers(agency)
        lying = list_agency(folder)
        work = [
            (arrival.delivery_id, partial(_deal_with, arrival, raw, suite_for, is_scheduled))
            for arrival, raw in _in_order(lying)
        ]
        return _deal_with_all([*_replays(agency, lying, suite_for), *work])


def record_strays(inbox: str, *, is_scheduled: bool = False) -> list[DeliveryOutcome]:
    """Refuse what lies in folders of agencies without a contract, so that it is seen."""
    prepare()
    require_data_mode()
    strays = [arrival for arrival in list_inbox(inbox) if arrival.agency not in load_contracts()]
    work = [
        (arrival.delivery_id, partial(_deal_with, arrival, _raw_of(arrival), _no_suite, is_scheduled))
        for arrival in strays
    ]
    return _deal_with_all(work)


def _deal_with_all(work: Sequence[tuple[str, Callable[[], DeliveryOutcome]]]) -> list[DeliveryOutcome]:
    """Deal with each; one on which the receiver itself fails leaves nothing behind and does not stop the next.

    Raises, after all were dealt with, RuntimeError that names those, a defect to be mended; UserError for what a person can put right, such as
    a full disk or a damaged key, and Unreachable where a storage or the database broke off.
    """
    outcomes, failed = [], []
    told: UserError | None = None
    for delivery_id, deal in work:
        try:
            outcomes.append(deal())
        except Exception as error:  # noqa: BLE001  # whatever it is, the next delivery is another matter
            failed.append(f"{delivery_id} ({type(error).__name__})")
            log.warning("failed on %s: %s", delivery_id, type(error).__name__)
            told = told or (error if isinstance(error, UserError) else full_disk(error))
    if failed:
        raise told or RuntimeError(
            f"The receiver itself failed on {', '.join(failed)}; the others were dealt with."
        )
    return outcomes


def _no_suite(extract: Extract) -> "ExpectationSuite":
    raise RuntimeError(f"{extract.table} came from an agency without a contract")


def _raw_of(arrival: Arrival) -> Raw:
    """The manifest's bytes; where a storage broke off, that, so that it hinders no other delivery."""
    try:
        return None if arrival.is_form else read_limited(arrival.path / MANIFEST)
    except StorageFailed as failed:
        return failed


def _in_order(arrivals: list[Arrival]) -> list[tuple[Arrival, Raw]]:
    """Arrivals with their manifests' bytes, by `delivered_at`; those without a usable one come first."""

    def moment(item: tuple[Arrival, Raw]) -> tuple[float, str]:
        arrival, raw = item
        if arrival.is_form:
            return arrival.last_change.timestamp(), arrival.delivery_id
        try:
            read = read_manifest(raw if isinstance(raw, bytes) else b"")
        except Refusal:
            return 0.0, arrival.delivery_id
        return read.delivered_at.timestamp(), arrival.delivery_id

    return sorted(((arrival, _raw_of(arrival)) for arrival in arrivals), key=moment)


def _deal_with(arrival: Arrival, raw: Raw, suite_for: "SuiteFor", is_scheduled: bool) -> DeliveryOutcome:
    if isinstance(raw, StorageFailed):
        raise raw
    with connect() as connection:
        standing = standing_outcome(connection, arrival)
    return standing or _judge(arrival, raw, suite_for, is_scheduled)


def _judge(arrival: Arrival, raw: bytes | None, suite_for: "SuiteFor", is_scheduled: bool) -> DeliveryOutcome:
    manifest: Manifest | None = None
    try:
        if raw is None and not arrival.is_form:
            if is_scheduled and not arrival.is_quiet():
                return DeliveryOutcome(arrival.delivery_id, arrival.agency, "waiting")
            raise Refusal("manifest_missing", "The folder has no manifest.json; it is written last.")
        manifest = form_manifest(arrival) if raw is None else as_told(read_manifest(raw))
        # What has it again is no matter of today's contracts, nor of the keys that count today.
        accepted = find_accepted(manifest.delivery_id)
        if accepted == manifest.content or (accepted and arrival.is_form):
            _check_place(arrival, manifest)
            return taken_before(arrival, manifest)
        contract = check_agreement(manifest, load_contracts())
        _check_place(arrival, manifest)
        _check_origin(arrival, manifest, raw)
        _check_new(manifest, accepted)
        manifest = newest_replay(manifest)
        return take(arrival, manifest, contract, _predecessors(manifest, contract), suite_for)
    except Refusal as refusal:
        refuse(arrival, manifest, refusal, None, [])
        log.warning("refused %s: %s", arrival.delivery_id, refusal.code)
        return refused(arrival, manifest, refusal)


def _replays(
    agency: str, lying: list[Arrival], suite_for: "SuiteFor"
) -> list[tuple[str, Callable[[], DeliveryOutcome]]]:
    with connect() as connection:
        requests = open_requests(connection, agency)
    by_folder = {folder_name(arrival): arrival for arrival in lying}
    return [
        (request.delivery_id, partial(_replay, request, by_folder.get(request.folder), suite_for))
        for request in requests
    ]


def _replay(request: ReplayRequest, arrival: Arrival | None, suite_for: "SuiteFor") -> DeliveryOutcome:
    """Read a delivery again as a person asked; where it may not be accepted so, what stood before it stands."""
    raw = None if arrival is None else read_limited(arrival.path / MANIFEST)
    if arrival is None or raw is None:
        gone = "Its files are no longer in the inbox."
        outcome = DeliveryOutcome(request.delivery_id, request.agency, "refused", "file_missing", gone)
    elif request.status == "refused":
        outcome = _judge(arrival, raw, suite_for, is_scheduled=False)
    else:
        outcome = _read_again(request, arrival, raw, suite_for)
    finish_replay(request, outcome)
    return outcome


def _read_again(
    request: ReplayRequest, arrival: Arrival, raw: bytes, suite_for: "SuiteFor"
) -> DeliveryOutcome:
    try:
        require_still_there(request)
        manifest = as_replay(request, raw)
        contract = check_agreement(manifest, load_contracts())
        before = _predecessors(manifest, contract)
        is_same = partial(sets_the_same_aside, request)
        return take(arrival, manifest, contract, before, suite_for, is_same)
    except Refusal as refusal:
        log.warning("not read again, %s: %s", request.delivery_id, refusal.code)
        return DeliveryOutcome(request.delivery_id, request.agency, "refused", refusal.code, refusal.detail)


def _check_place(arrival: Arrival, manifest: Manifest) -> None:
    """Raises Refusal where it lies elsewhere than it says, or has another agency's id; a form's manifest is ours."""
    if arrival.is_form:
        return
    if (manifest.agency, manifest.delivery_id) != (arrival.agency, arrival.delivery_id):
        raise Refusal(
            "misplaced",
            f"The manifest is of {neutral_name(manifest.agency)}/{manifest.delivery_id}, the folder is {folder_name(arrival)}.",
        )
    if not manifest.delivery_id.startswith(f"{manifest.agency}-"):
        raise Refusal("misplaced", f"{manifest.delivery_id} is another agency's id, not {manifest.agency}'s.")


def _check_origin(arrival: Arrival, manifest: Manifest, raw: bytes | None) -> None:
    """Signed where a key is known, and of the world that the installation takes; a form's manifest is ours."""
    if raw is None:
        return
    check_sender(arrival, raw)
    mode = get_settings().data_mode
    if manifest.synthetic is not (mode == "synthetic"):
        raise Refusal("synthetic_mismatch", f"`synthetic` must say that the data suit a {mode} installation.")


def _check_new(manifest: Manifest, accepted: dict[str, Any] | None) -> None:
    """Raises Refusal where the id is taken by other content; a form's id holds its hash, so it can't be."""
    if accepted is not None:
        raise Refusal(
            "delivery_id_reused",
            f"{manifest.delivery_id} was accepted with other content; a correction needs a new id.",
        )


def _predecessors(manifest: Manifest, contract: Contract) -> list[str]:
    """The deliveries that the state before this one consists of."""
    with connect() as connection:
        accepted = accepted_deliveries(connection, contract.agency)
        replaced = place_of(connection, contract.agency, manifest.supersedes or "")
    if manifest.supersedes is not None and not replaced:
        raise Refusal(
            "unknown_predecessor",
            f"It supersedes {manifest.supersedes[:60]!r}, which was never accepted of {contract.agency}.",
        )
    earlier = [d for d in accepted if d.period < str(manifest.period) or d.moment < manifest.moment]
    standing = [d for d in not_replaced(earlier) if d.delivery_id not in replaced]
    before = state_sequence(standing, str(manifest.period), contract.is_append_only)
    if manifest.mode == "delta":
        _require_rows(before)
        if not contract.is_append_only and not before:
            raise Refusal(
                "unknown_predecessor", "A delta needs a full delivery before it; none was accepted."
            )
    return before


def _require_rows(before: list[str]) -> None:
    try:
        with connect() as connection:
            require_rows(connection, before)
    except UserError as gone:
        raise Refusal("unknown_predecessor", f"What it follows is no longer kept. {gone.what}") from None
