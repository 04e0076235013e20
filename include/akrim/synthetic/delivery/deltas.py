"""The changes of one extract between two periods: new and changed rows, and the keys that are gone."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from akrim.contracts import REMOVED_COLUMN
from akrim.synthetic.delivery.files import as_text


def between(earlier: pa.Table, later: pa.Table) -> pa.Table:
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
    return rows.append_column(REMOVED_COLUMN, pa.array(removed, pa.string()))


def _lines(table: pa.Table) -> pa.Array:
    columns = as_text(table).columns
    cells = [column.combine_chunks() for column in columns]
    return pc.binary_join_element_wise(*cells, "\x1f", null_handling="replace", null_replacement="")
