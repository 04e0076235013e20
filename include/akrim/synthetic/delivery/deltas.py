"""The changes of one extract between two periods: new and changed rows, and the keys that are gone."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.contracts import REMOVED_COLUMN
from akrim.synthetic.delivery.files import as_text
from akrim.synthetic.world.randomness import Integers


class Delta(NamedTuple):
    """The rows to send, and each one's position in the later table (-1 if removed)."""

    table: pa.Table
    rows: Integers


def between(earlier: pa.Table, later: pa.Table) -> Delta:
    """Rows of `later` that are new or changed, then the removed ones with their last content."""
    key = later.column_names[0]
    before, now = earlier[key].combine_chunks(), later[key].combine_chunks()
    known = pc.index_in(now, value_set=before)
    old_lines, new_lines = _lines(earlier), _lines(later)
    same = pc.equal(old_lines.take(known), new_lines)
    changed = np.flatnonzero(~pc.fill_null(same, False).to_numpy(zero_copy_only=False))
    gone = np.flatnonzero(~pc.is_in(before, value_set=now).to_numpy(zero_copy_only=False))
    rows = pa.concat_tables([later.take(changed), earlier.take(gone)])
    removed = np.where(np.arange(rows.num_rows) >= len(changed), "J", "N").astype(object)
    table = rows.append_column(REMOVED_COLUMN, pa.array(removed, pa.string()))
    return Delta(table, np.concatenate([changed, np.full(len(gone), -1)]))


def _lines(table: pa.Table) -> pa.Array:
    columns = as_text(table).columns
    cells = [column.combine_chunks() for column in columns]
    return pc.binary_join_element_wise(*cells, "\x1f", null_handling="replace", null_replacement="")
