"""One centre's immutable part of a release: in goes the release's pins, out comes a folder with its files.

Run in a process of its own, so that centres are made side by side; everything it needs comes as arguments or from
the warehouse, and nothing that it writes depends on a clock, on chance or on the other centres.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akrim.ledger import Pins
from akrim.releases.between import comparison_for
from akrim.releases.changes import ATTRIBUTION, compare
from akrim.releases.content import Edition, content_of, for_print
from akrim.releases.form import form_of
from akrim.releases.manifests import write_centre_manifest
from akrim.releases.package import as_json, write_data
from akrim.releases.page import html_of
from akrim.releases.paper import pdf_of
from akrim.releases.reference import Reference
from akrim.releases.tables import Columns, read_tables


@dataclass(frozen=True)
class Order:
    """What every centre's builder is given."""

    pins: Pins
    reference: Reference
    columns: Columns
    differing: list[str]
    folder: Path


def build_snapshot(order: Order, centre_id: str) -> None:
    """Write the centre's folder."""
    pins, reference = order.pins, order.reference
    folder = order.folder / centre_id
    folder.mkdir(mode=0o700)
    tables = read_tables(pins.release_id, centre_id, order.columns)
    news = _news(order, centre_id)
    content = content_of(_edition(pins, centre_id, news), tables, news["changes"], reference)
    (folder / "assessment.html").write_text(html_of(content), encoding="utf-8")
    (folder / "assessment.pdf").write_bytes(pdf_of(for_print(content), pins.as_of))
    form = form_of(content["head"], centre_id, content["ranking"], pins.as_of, reference.words())
    (folder / "prioritisation.xlsx").write_bytes(form)
    (folder / "changes.json").write_text(as_json(news), encoding="utf-8")
    about = {
        "name": f"akrim-{centre_id}-{pins.release_id}".lower(),
        "title": f"{reference.centre_name(centre_id)}, {pins.release_id}",
        "version": pins.release_id,
        "created": f"{pins.as_of.isoformat()}T00:00:00Z",
    }
    write_data(folder, tables, about)
    write_centre_manifest(folder, pins)


def _edition(pins: Pins, centre_id: str, news: dict[str, Any]) -> Edition:
    delivered = [delivery_id for agency in pins.deliveries.values() for delivery_id in agency]
    return Edition(
        release_id=pins.release_id,
        period=str(pins.period),
        as_of=pins.as_of,
        centre_id=centre_id,
        previous_release_id=news["previous"],
        since_last_period=news["since_last_period"],
        corrections=news["corrections"],
        is_synthetic=pins.inputs["settings"]["data_mode"] == "synthetic",
        versions={
            "deliveries": ", ".join(delivered),
            "model": pins.model,
            "rules": str(pins.inputs["rules"]),
            "code": str(pins.inputs["code"]),
        },
    )


def _news(order: Order, centre_id: str) -> dict[str, Any]:
    """What changes.json says; its form stands in docs/changes.md."""
    changes = compare(comparison_for(order.pins, centre_id, order.differing))
    return {
        "release_id": order.pins.release_id,
        "recipient": centre_id,
        "previous": order.pins.base_release_id,
        "inputs_that_differ": order.differing,
        "attribution": ATTRIBUTION,
        "changes": changes,
        "since_last_period": None,
        "corrections": [],
    }
