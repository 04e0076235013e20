"""One centre's immutable part of a release: in goes the release's pins, out comes a folder with its files.

Run in a process of its own, so that centres are made side by side; everything it needs comes as arguments or from
the warehouse, and nothing that it writes depends on a clock, on chance or on the other centres.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from akrim.formats import bods_of, ftm_of, workbook_of
from akrim.formats.changes_json import news_of
from akrim.formats.data_package import write_data
from akrim.formats.decision_form import form_of
from akrim.formats.delta_json import write_difference
from akrim.formats.dictionary import Vocabulary
from akrim.formats.files import as_json
from akrim.formats.schemas import Schemas
from akrim.ledger import Pins
from akrim.linkage import Figure
from akrim.releases.manifests import write_centre_manifest
from akrim.report.content import content_of, for_print
from akrim.report.edition import Edition
from akrim.report.reference import Reference
from akrim.report.render.html import html_of
from akrim.report.render.pdf import pdf_of
from akrim.sharing.centre_tables import Columns, Tables, read_tables


@dataclass(frozen=True)
class Order:
    """What every centre's builder is given."""

    pins: Pins
    reference: Reference
    vocabulary: Vocabulary
    columns: Columns
    folder: Path
    form_key: bytes
    quality: tuple[Figure, ...] = ()


def build_snapshot(order: Order, centre_id: str) -> None:
    """Write the centre's folder."""
    pins, reference = order.pins, order.reference
    folder = order.folder / centre_id
    folder.mkdir(mode=0o700)
    words = reference.words()
    tables = read_tables(pins.release_id, centre_id, order.columns)
    news = news_of(pins, centre_id)
    content = content_of(_edition(order, centre_id, news), tables, news["changes"], reference)
    (folder / "assessment.html").write_text(html_of(content), encoding="utf-8")
    (folder / "assessment.pdf").write_bytes(pdf_of(for_print(content), pins.as_of))
    form = form_of(content["head"], centre_id, content["ranking"], pins.as_of, words, order.form_key)
    (folder / "prioritisation.xlsx").write_bytes(form)
    (folder / "changes.json").write_text(as_json(news), encoding="utf-8")
    notices = {key: news[key] for key in ("release_id", "recipient", "corrections")}
    (folder / "corrections.json").write_text(as_json(notices), encoding="utf-8")
    about = {
        "name": f"akrim-{centre_id}-{pins.release_id}".lower(),
        "title": f"{reference.centre_name(centre_id)}, {pins.release_id}",
        "version": pins.release_id,
        "created": f"{pins.as_of.isoformat()}T00:00:00Z",
    }
    write_data(folder, tables, about, Schemas(order.vocabulary, words))
    _write_exports(order, folder, tables, content["head"])
    write_difference(folder, pins, tables, order.columns)
    write_centre_manifest(folder, pins)


def _write_exports(order: Order, folder: Path, tables: Tables, head: dict[str, str]) -> None:
    """The workbook, and the forms of other projects that the setting asks for."""
    pins, words = order.pins, order.reference.words()
    (folder / "data.xlsx").write_bytes(workbook_of(tables, head, pins.as_of, order.vocabulary, words))
    chosen = pins.inputs["settings"].get("exports", [])
    if chosen:
        (folder / "exports").mkdir()
    if "ftm" in chosen:
        (folder / "exports" / "ftm.jsonl").write_text(ftm_of(tables, words), encoding="utf-8")
    if "bods" in chosen:
        about = {"as_of": pins.as_of.isoformat(), "publisher": head["centre"]}
        (folder / "exports" / "bods.json").write_text(bods_of(tables, about, words), encoding="utf-8")


def _edition(order: Order, centre_id: str, news: dict[str, Any]) -> Edition:
    pins = order.pins
    delivered = [delivery_id for agency in pins.deliveries.values() for delivery_id in agency]
    return Edition(
        release_id=pins.release_id,
        period=str(pins.period),
        as_of=pins.as_of,
        centre_id=centre_id,
        previous_release_id=news["previous"],
        since_last_period=news["since_last_period"],
        corrections=news["corrections"],
        with_measures=pins.inputs["settings"].get("recommended_measures", False),
        quality=order.quality,
        is_synthetic=pins.inputs["settings"]["data_mode"] == "synthetic",
        versions={
            "deliveries": ", ".join(delivered),
            "model": pins.model,
            "rules": str(pins.inputs["rules"]),
            "code": str(pins.inputs["code"]),
        },
    )
