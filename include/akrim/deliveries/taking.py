"""Take one delivery: its files are copied, loaded and validated, and it is accepted or refused in one transaction."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from akrim.contracts import DECISIONS, Contract, Extract
from akrim.deliveries.decisions.cell_messages import cell_message
from akrim.deliveries.decisions.form import undecided_rows, unsealed_cells
from akrim.deliveries.decisions.signatures import check_rows_signed
from akrim.deliveries.inbox.listing import UNDECLARED, Arrival, undeclared
from akrim.deliveries.inbox.manifest import Manifest, check_extracts, some_names
from akrim.deliveries.inbox.spool import changed_files, spool, spool_folder
from akrim.deliveries.outcome import DeliveryOutcome, Refusal, first_refusal
from akrim.deliveries.quarantine import check_share
from akrim.deliveries.register import lies_as_accepted, see_again
from akrim.deliveries.scratch import Scratch, open_scratch
from akrim.deliveries.settling import accept, refuse
from akrim.warehouse import connect, without_person_numbers

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

    SuiteFor = Callable[[Extract], ExpectationSuite]

log = logging.getLogger(__name__)

# By which a sender's clock and time zone may be wrong.
A_DAY = timedelta(days=1)


def take(
    arrival: Arrival,
    manifest: Manifest,
    contract: Contract,
    before: list[str],
    suite_for: "SuiteFor",
    is_same: Callable[[Scratch], bool] | None = None,
) -> DeliveryOutcome:
    """Load, validate, and accept or refuse the delivery; returns its outcome.

    Args:
        before: the deliveries that the state before this one consists of.
        is_same: of a delivery that is read again: whether the rows judged leave nothing to be changed.

    Raises Refusal where it is not as its manifest or its contract has it, or, read again, too much would be set aside.
    """
    with spool_folder(contract.agency) as folder:
        paths = spool(arrival, manifest, folder)
        check_extracts(manifest, contract)
        notes = [*_note_on_time(manifest), *_notes_on_others(arrival, manifest)]
        undecided = undecided_rows(arrival, paths[DECISIONS]) if arrival.is_form else []
        notes += [cell_message(contract.extract(cell.extract), cell) for cell in undecided]
        with open_scratch(contract, manifest, before) as scratch:
            notes += _load_and_validate(arrival, scratch, paths, suite_for)
            refusal = first_refusal(_shares(scratch))
            if refusal is not None:
                if is_same:
                    raise refusal
                set_aside = refuse(arrival, manifest, refusal, scratch, notes, undecided)
                return refused(arrival, manifest, refusal, set_aside)
            if is_same and is_same(scratch):
                return DeliveryOutcome(
                    str(manifest.supersedes), manifest.agency, "already_loaded", is_new=False
                )
            counts = accept(arrival, scratch, notes, undecided)
    log.info("accepted %s: %s", manifest.delivery_id, counts)
    return _accepted(manifest, counts, notes)


def taken_before(arrival: Arrival, manifest: Manifest) -> DeliveryOutcome:
    """The outcome where this very manifest was accepted: a no-op; raises Refusal where the folder's files are no longer what it says."""
    with connect() as connection:
        is_untouched = arrival.is_form or lies_as_accepted(connection, arrival, manifest.delivery_id)
    changed = [] if is_untouched else changed_files(arrival, manifest)
    if changed:
        raise Refusal(
            "delivery_id_reused",
            f"{manifest.delivery_id} was accepted, and its folder is no longer what was accepted: changed or missing"
            f" since: {some_names(changed)}. What was accepted stays; a correction needs a new id.",
        )
    with connect() as connection:
        see_again(connection, arrival, manifest.delivery_id)
    return DeliveryOutcome(manifest.delivery_id, manifest.agency, "already_loaded", is_new=False)


def _note_on_time(manifest: Manifest) -> list[str]:
    """A sentence where the delivery says that it came later than it did: it would stand above all that come before that time."""
    if manifest.delivered_at <= datetime.now(UTC) + A_DAY:
        return []
    log.warning("%s says that it is of %s", manifest.delivery_id, manifest.delivered_on)
    return [
        f"delivered_at is {manifest.delivered_at.isoformat()}, which is still to come: until then every later delivery counts as"
        " an earlier one; withdraw this one, and have it sent under a new id with the time at which it is sent"
    ]


def _notes_on_others(arrival: Arrival, manifest: Manifest) -> list[str]:
    """A sentence on each file that was not declared; person numbers in its name are masked."""
    with connect() as connection:
        return [
            f"{UNDECLARED}{without_person_numbers(connection, name)}"
            for name in undeclared(arrival, manifest)
        ]


def _load_and_validate(
    arrival: Arrival, scratch: Scratch, paths: dict[str, Path], suite_for: "SuiteFor"
) -> list[str]:
    """The notes of validation; raises Refusal where a file cannot be loaded as declared, or rows are not signed by whose they are."""
    if arrival.is_form:
        scratch.mark_unsealed(unsealed_cells(arrival, paths[DECISIONS]))
    refusal = first_refusal(_load_all(scratch, paths))
    if refusal is not None:
        raise refusal
    if not arrival.is_form:
        check_rows_signed(arrival, scratch.manifest, scratch)
    return _validate_all(scratch, suite_for)


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


def _validate_all(scratch: Scratch, suite_for: "SuiteFor") -> list[str]:
    """Validate parents before their children, so that a parent set aside takes its children with it."""
    from akrim.deliveries.validation import validate

    delivered = {file.extract for file in scratch.manifest.files}
    parents = {parent for extract in scratch.contract.extracts for _, parent in extract.parents}
    notes = []
    for extract in scratch.contract.extracts:
        if extract.name in delivered:
            notes += validate(scratch, extract, suite_for(extract))
        if extract.name in parents:
            scratch.keep_keys(extract, extract.name in delivered)
    return notes


def _shares(scratch: Scratch) -> list[Refusal]:
    files = scratch.manifest.files
    found = [check_share(scratch, scratch.contract.extract(file.extract), file) for file in files]
    return [refusal for refusal in found if refusal is not None]


def _accepted(manifest: Manifest, counts: dict[str, tuple[int, int]], notes: list[str]) -> DeliveryOutcome:
    return DeliveryOutcome(
        manifest.delivery_id,
        manifest.agency,
        "accepted",
        loaded={name: loaded for name, (loaded, _) in counts.items()},
        quarantined={name: set_aside for name, (_, set_aside) in counts.items() if set_aside},
        notes=notes,
    )


def refused(
    arrival: Arrival, manifest: Manifest | None, refusal: Refusal, set_aside: dict[str, int] | None = None
) -> DeliveryOutcome:
    """The outcome of a refusal, which is recorded already."""
    return DeliveryOutcome(
        delivery_id=manifest.delivery_id if manifest else arrival.delivery_id,
        agency=manifest.agency if manifest else arrival.agency,
        status="refused",
        code=refusal.code,
        detail=refusal.detail,
        quarantined={name: count for name, count in (set_aside or {}).items() if count},
    )
