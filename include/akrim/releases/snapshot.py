"""Builds one recipient's immutable part of a release: a centre's, or the national one.

Runs in a process of its own, so that they are built in parallel. Nothing it writes depends on a clock, on chance or on the
other parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from akrim import ledger, warehouse
from akrim.contracts import DECISIONS_SENDER, NATIONAL, load_contracts
from akrim.formats import (
    Schemas,
    Snapshot,
    Vocabulary,
    changes_document,
    national_vocabulary,
    write_files,
    write_package,
)
from akrim.ledger import Pins
from akrim.linkage.quality import Figure
from akrim.releases.list_sizes import list_sizes
from akrim.releases.manifests import write_centre_manifest
from akrim.releases.renewal import renewal
from akrim.report import Earlier, Edition, Reference, write_national_report, write_report
from akrim.sharing import ASSESSMENT, Columns, classified, keep_rows, read_tables, sent_tables
from akrim.sharing.national import national_marts, read_national_tables, sent_national_tables


@dataclass(frozen=True)
class SnapshotInputs:
    """What is the same for every centre."""

    pins: Pins
    reference: Reference
    vocabulary: Vocabulary
    columns: Columns
    folder: Path
    form_key: bytes
    quality: tuple[Figure, ...] = ()


def build_snapshot(inputs: SnapshotInputs, centre_id: str) -> None:
    """Write the centre's folder."""
    pins, reference = inputs.pins, inputs.reference
    folder = inputs.folder / centre_id
    folder.mkdir(mode=0o700)
    tables = read_tables(pins.release_id, centre_id, inputs.columns)
    keep_rows(pins.release_id, centre_id, tables)
    before = sent_tables(pins.previous_release_id, centre_id, inputs.columns)
    last_period = sent_tables(pins.last_period_release_id, centre_id, inputs.columns)
    changes = changes_document(pins, centre_id, before, last_period, tables)
    edition = _edition(inputs, centre_id, changes)
    report = write_report(
        folder, edition, tables, Earlier(before, last_period), changes["changes"], reference
    )
    snapshot = Snapshot(
        pins=pins,
        centre_id=centre_id,
        tables=tables,
        before=before,
        head=report.head,
        ranking=report.ranking,
        groups=report.groups,
        changes=changes,
        vocabulary=inputs.vocabulary,
        words=reference.words(),
        holding_steps=int(reference.quantity("holding_steps")),
        form_key=inputs.form_key,
    )
    write_files(folder, snapshot)
    write_centre_manifest(folder, pins)


def build_national(inputs: SnapshotInputs) -> None:
    """Write the national folder: a report and data files, and nothing to decide on."""
    pins, reference = inputs.pins, inputs.reference
    folder = inputs.folder / NATIONAL
    folder.mkdir(mode=0o700)
    tables = read_national_tables(pins.release_id)
    keep_rows(pins.release_id, NATIONAL, tables)
    nothing = {
        "previous": pins.previous_release_id,
        "since_last_period": {"previous": pins.last_period_release_id}
        if pins.last_period_release_id
        else None,
        "corrections": (),
        "groups": (),
        "told_as_one": (),
    }
    earlier = Earlier(*map(sent_national_tables, (pins.previous_release_id, pins.last_period_release_id)))
    report = write_national_report(folder, _edition(inputs, NATIONAL, nothing), tables, earlier, reference)
    schemas = Schemas(national_vocabulary(), reference.words(), persons="national_actors")
    write_package(folder, pins, report.head["centre"], national_marts(), tables, schemas)
    write_centre_manifest(folder, pins)


def _edition(inputs: SnapshotInputs, centre_id: str, changes: dict[str, Any]) -> Edition:
    pins = inputs.pins
    before = ledger.load(pins.previous_release_id) if pins.previous_release_id else None
    return Edition(
        release_id=pins.release_id,
        period=str(pins.period),
        as_of=pins.as_of,
        centre_id=centre_id,
        previous_release_id=changes["previous"],
        since_last_period=changes["since_last_period"],
        corrections=changes["corrections"],
        group_changes=changes["groups"],
        told_as_one=changes["told_as_one"],
        answer=pins.inputs["answers"].get(centre_id, {})
        if pins.previous_release_id and "answers" in pins.inputs
        else None,
        with_measures=pins.inputs["settings"].get("recommended_measures", False),
        quality=told_quality(inputs.quality, pins, centre_id),
        delivered=_last_delivered(pins),
        renewal=renewal(pins, before) if before is not None and before.period == pins.period else None,
        list_sizes=() if centre_id == NATIONAL else list_sizes(pins.release_id, centre_id),
        is_synthetic=pins.inputs["settings"]["data_mode"] == "synthetic",
        versions={
            "deliveries": ", ".join(_of_agencies(pins)),
            "model": pins.model,
            "rules": str(pins.inputs["rules"]),
            "code": str(pins.inputs["code"]),
        },
    )


def told_quality(figures: Sequence[Figure], pins: Pins, recipient: str) -> Sequence[Figure]:
    """The figures; for a centre without those of agencies of which it is told nothing, and without the gap that they are part of."""
    if recipient == NATIONAL:
        return figures
    withheld = pins.inputs.get("withheld", {})
    kept = {data for data, told in withheld.get(recipient, {}).items() if told == "nothing"}
    known = {data.partition(".")[0] for data in classified() - kept - withheld.get(ASSESSMENT, {}).keys()}
    untold = {f"source/{agency}" for agency in load_contracts().keys() - known}
    if not untold & {figure.subgroup for figure in figures}:
        return figures
    return [figure for figure in figures if figure.subgroup not in {"source", *untold}]


LAST_DELIVERED = """
select max(delivered_at at time zone 'Europe/Oslo')::date from meta.deliveries
where status = 'accepted' and delivery_id = any(%s)
"""


def _of_agencies(pins: Pins) -> list[str]:
    """The agencies' deliveries; which centres have sent a form, and when, is no other centre's to know, and a form's id names its centre."""
    return [
        delivery_id
        for agency, sent in pins.deliveries.items()
        if agency != DECISIONS_SENDER
        for delivery_id in sent
    ]


def _last_delivered(pins: Pins) -> date | None:
    """The day of the newest delivery of an agency."""
    with warehouse.connect() as connection:
        day: date | None = connection.execute(LAST_DELIVERED, [_of_agencies(pins)]).fetchall()[0][0]
    return day
