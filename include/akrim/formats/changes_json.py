"""changes.json and corrections.json: a centre's changes, and the correction cases that concern it."""

from pathlib import Path
from typing import Any

from akrim import ledger, warehouse
from akrim.changes import LAST_PERIOD, PREVIOUS, changes_of, differing_inputs, group_changes, told_as_one
from akrim.corrections import disputes_for
from akrim.formats.files import as_json
from akrim.formats.registry import Format, Snapshot
from akrim.ledger import Pins
from akrim.sharing import Tables

ATTRIBUTION = (
    "Causes are computed: the release is assessed again from the previous one's inputs with one thing taken over at a "
    "time, in the order source, linkage, link_decision, rule, correction, prioritisation, sharing, code. `source` is the agencies' "
    "data and the new cut-off date; `code` is what is left when all else is taken over. Over the causes of who entered, "
    "left, rose or fell points sum up to the whole difference; a changed status has the causes that changed it alone. A group's "
    "points have the causes of the persons who brought them, or else of its enterprises."
)

AS_ONE = (
    " Not so since {}: what it was assessed with does not run on today's tables, or is not kept, so that nothing could be taken over by "
    "itself. All changes of persons since then stand under one cause, `code` where the program differs, whatever else differs."
)


def changes_document(
    pins: Pins, centre_id: str, before: Tables, last_period: Tables, after: Tables
) -> dict[str, Any]:
    """The document that docs/changes.md describes.

    Args:
        before, last_period, after: the tables of the previous release, of the last one of the period before where this is a
            revision, and of this one, as sent to the centre.
    """
    with warehouse.connect() as connection:

        def compared(comparison: str, previous: str | None, earlier: Tables) -> dict[str, Any]:
            differing = differing_inputs(ledger.load(previous) if previous else None, pins)
            changes = changes_of(connection, pins.release_id, comparison, centre_id)
            return {
                "previous": previous,
                "inputs_that_differ": differing,
                "changes": changes,
                "groups": group_changes(earlier, after, changes, differing),
            }

        earlier, as_one = pins.last_period_release_id, told_as_one(connection, pins)
        return {
            "release_id": pins.release_id,
            "recipient": centre_id,
            "attribution": "".join((ATTRIBUTION, *map(AS_ONE.format, as_one))),
            "told_as_one": as_one,
            **compared(PREVIOUS, pins.previous_release_id, before),
            "since_last_period": earlier and compared(LAST_PERIOD, earlier, last_period),
            "corrections": disputes_for(connection, pins, centre_id),
        }


def write(folder: Path, snapshot: Snapshot) -> None:
    """Write changes.json, and corrections.json with the correction cases alone."""
    changes = snapshot.changes
    (folder / "changes.json").write_text(as_json(changes), encoding="utf-8")
    corrections = {key: changes[key] for key in ("release_id", "recipient", "corrections")}
    (folder / "corrections.json").write_text(as_json(corrections), encoding="utf-8")


FORMAT = Format("changes", write)
