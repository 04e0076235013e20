"""The centres' decisions on an existing release: a `sentrene` delivery with one row per decided person.

Persons, centres and release are that release's own; the decisions are made up. Always a delta, since decisions are only
ever added.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from akrim.contracts import DECISIONS_SENDER, DISMISSED, Extract, centres, load_contracts
from akrim.errors import UserError
from akrim.periods import Period
from akrim.synthetic.delivery import files
from akrim.synthetic.delivery.bad_rows import Spoiler, untouched
from akrim.synthetic.delivery.delivery import Delivery, DeliverySpec, File, manifest_of
from akrim.synthetic.world.randomness import Chance, Integers, Texts, only_where
from akrim.synthetic.world.timeline import DELIVERY_DAYS, as_dates, cut_off, delivery_day

DECIDED_PER_CENTRE = 12
LISTED = pa.schema(
    [
        ("release_id", pa.string()),
        ("centre_id", pa.string()),
        ("person_id", pa.string()),
        ("rank", pa.int64()),
    ]
)
# Aligned with the contract's list of statuses.
STATUS_CHANCES = (0.15, 0.3, 0.25, 0.2, 0.1)
# So many decisions ask for work on whom they dismiss, or have a measure where they close, as by a slip.
SLIPS = 0.1


def decide(chance: Chance, spec: DeliverySpec, release: Path) -> Delivery:
    """Decisions on the first persons of each centre's list."""
    listed = _first_of_each_centre(release)
    contract = load_contracts()[spec.agency]
    agreed = contract.extracts[0]
    rng = chance.stream(f"decisions {spec.delivery_id}")
    # The management teams meet some weeks after the release, whenever they send what they decided.
    assessed = Period.parse(listed["release_id"][0].as_py().rpartition(".")[0])
    table = _decisions(rng, agreed, listed, cut_off(assessed))
    spoiler = Spoiler(rng, delivery_day(spec.agency, spec.period, spec.number), np.empty(0, np.int64))
    spoiled = spoiler.spoil(agreed, table) if spec.bad_rows else untouched(table)
    content = files.as_bytes(agreed, spoiled.table, spoiled.has_surplus_field)
    written = [File(agreed.name, files.file_name(agreed), spoiled.table.num_rows, content, spoiled.wrong)]
    return Delivery(spec, manifest_of(spec, written), written, [])


def assessments_of(release: Path) -> list[Path]:
    """The lists of a release's centres; raises UserError where there are none."""
    if found := sorted(release.glob("*/data/assessments.parquet")):
        return found
    raise UserError(
        "There is no assessment to decide on.",
        str(release),
        "Give the folder of a release, such as var/releases/2025-T3.1.",
    )


def _first_of_each_centre(release: Path) -> pa.Table:
    found = assessments_of(release)
    listed = pa.concat_tables([pq.read_table(path, columns=LISTED.names).cast(LISTED) for path in found])
    deciding = pa.array(centres())
    first = pc.and_(
        pc.less_equal(listed["rank"], DECIDED_PER_CENTRE), pc.is_in(listed["centre_id"], deciding)
    )
    order = [("centre_id", "ascending"), ("rank", "ascending"), ("person_id", "ascending")]
    return listed.filter(first).sort_by(order)


def _decisions(rng: np.random.Generator, agreed: Extract, listed: pa.Table, as_of: int) -> pa.Table:
    total = listed.num_rows
    decided = as_of + rng.integers(14, DELIVERY_DAYS[DECISIONS_SENDER] - 2, total)
    serial = pa.array(np.arange(total).astype(str))
    has_measure = rng.random(total) < 0.5
    drawn: dict[str, Texts] = {}
    for column in agreed.columns:
        if column.codes and column.path != "senter":
            chances = STATUS_CHANCES if column.path == "status" else None
            drawn[column.path] = rng.choice(np.array(column.codes, dtype=object), total, p=chances)
    is_slip = rng.random(total) < SLIPS
    is_closed = drawn["status"] == DISMISSED
    drawn["prioritering"][is_closed & ~is_slip] = "avslutt"
    rests = is_closed | (drawn["prioritering"] == "avslutt")
    columns: dict[str, Any] = {
        "beslutning_id": pc.binary_join_element_wise("B", listed["release_id"], serial, "-"),
        "senter": listed["centre_id"],
        "release_id": listed["release_id"],
        "person_id": listed["person_id"],
        "tiltak": pa.array(only_where(has_measure & (is_slip | ~rests), "felles kontroll"), pa.string()),
        "besluttet_dato": _iso(decided),
        "neste_vurdering": _iso(decided + 120),
        **{path: pa.array(codes) for path, codes in drawn.items()},
    }
    return files.as_text(pa.table({column.path: columns[column.path] for column in agreed.columns}))


def _iso(days: Integers) -> pa.Array:
    return pa.array(as_dates(days), pa.date32()).cast(pa.string())
