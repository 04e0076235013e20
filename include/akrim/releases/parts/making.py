"""Makes the parts of a release in this process, or in several that it starts."""

import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from akrim import warehouse
from akrim.contracts import NATIONAL, WITHOUT_CENTRE
from akrim.errors import StepFailed, UserError, told_without_data
from akrim.formats import read_vocabulary
from akrim.full_disk import full_disk
from akrim.keys import form_key
from akrim.ledger import Pins
from akrim.linkage.quality import Figure, read_quality
from akrim.releases.snapshot import SnapshotInputs, build_national, build_snapshot
from akrim.report import Reference, read_reference
from akrim.settings import get_settings
from akrim.sharing import shared_columns

# Up to so many persons on the centres' lists this process has made all parts before others, which must begin first, have.
FEW_LISTED = 150
# Above so many, what rendering a part took is more than making processes anew for the others.
MANY_LISTED = 1_000
# What each process that makes a part needs: imported once, by the server that they are forked from.
PRELOADED = [__name__, "adbc_driver_manager.dbapi"]


def order_for(pins: Pins, folder: Path) -> SnapshotInputs:
    """What every part of the release is made from, to be made in that folder."""
    reference = read_reference(pins.as_of, pins.inputs["settings"]["language"])
    return SnapshotInputs(
        pins,
        reference,
        read_vocabulary(),
        shared_columns(),
        folder,
        form_key(pins.release_id),
        _quality(pins),
    )


def recipients(reference: Reference) -> list[str]:
    """Whom a release has a part for; the marts' bucket for persons in a kommune without a centre is none."""
    return [NATIONAL, *(centre_id for centre_id in reference.centres if centre_id != WITHOUT_CENTRE)]


def listed(pins: Pins) -> dict[str, int]:
    """How many persons are on the list of each centre that lists any."""
    query = "select centre_id, count(*) from marts.assessments where release_id = %s group by centre_id"
    with warehouse.connect() as connection:
        return dict(connection.execute(query, [pins.release_id]).fetchall())


def make_parts(order: SnapshotInputs, wanted: Sequence[str]) -> None:
    """Make the parts of these recipients, each in its folder below the order's."""
    processes = min(get_settings().processes, len(wanted))
    persons = sum(listed(order.pins).values())
    if processes == 1 or persons <= FEW_LISTED:
        # A PDF and a query are waited for without holding the interpreter.
        with ThreadPoolExecutor(processes) as threads:
            list(threads.map(partial(_make_part, order), wanted))
        return
    # Not forked from here: Arrow's and the database driver's threads do not survive a fork. The server that is forked
    # from has imported this once, and has the environment of its first use.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    environment = dict(os.environ)
    # A process for each part gives back what rendering took, where one that went on would keep it.
    parts_of_each = 1 if persons > MANY_LISTED else None
    with ProcessPoolExecutor(
        processes, context, _begin_as_child, (environment,), max_tasks_per_child=parts_of_each
    ) as pool:
        list(pool.map(_make_part, [order] * len(wanted), wanted))


def _begin_as_child(environment: dict[str, str]) -> None:
    """Take the parent's environment, and exit when it is killed, so that nothing goes on writing during a rerun."""
    os.environ.clear()
    os.environ.update(environment)
    get_settings.cache_clear()

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _make_part(order: SnapshotInputs, recipient: str) -> None:
    try:
        if recipient == NATIONAL:
            build_national(order)
        else:
            build_snapshot(order, recipient)
    except Exception as error:
        if full := full_disk(error):  # which disk it is can be seen now alone
            raise full from error
        # A driver's own exceptions cannot be pickled, and of what led to a failure its task tells nothing.
        told = f"The files of {recipient} could not be made: {told_without_data(error)}"
        raise StepFailed(told).with_traceback(error.__traceback__) from error


def _quality(pins: Pins) -> tuple[Figure, ...]:
    """The measured quality of the release's linkage; none where it was not measured here."""
    try:
        return read_quality(pins.release_id).figures
    except UserError:
        return ()
