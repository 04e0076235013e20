"""An incremental run, step by step: the same tables as a full run builds, of what has changed and what that can concern.

In go what the base release kept (kept.py) and the staged records, out come `membership` and all that later steps read.
"""

import duckdb

from akrim.identifiers import ControlRule
from akrim.linkage.engine import tables
from akrim.linkage.incremental.affected_persons import gather_around_drawn, gather_neighbours
from akrim.linkage.incremental.carried_over_pairs import recall_pairs
from akrim.linkage.incremental.changed_records import find_change
from akrim.linkage.incremental.state_files import State
from akrim.linkage.model.file import Model
from akrim.linkage.pipeline import find_changed_persons
from akrim.linkage.quality.held_out import draw, follow
from akrim.linkage.store import postgres as store


def find_what_changed(con: duckdb.DuckDBPyConnection, model: Model, below: State, rule: ControlRule) -> bool:
    """Find the persons behind what changed; false where so much has that everything is better looked at again."""
    below.lay(con)
    if not find_change(con, rule):
        return False
    store.load_doubtful(con)
    gather_neighbours(con, model)
    store.load_persons(con)
    find_changed_persons(con, model)
    return True


def recall_findings(con: duckdb.DuckDBPyConnection) -> None:
    """Read the findings that this run can change, and put those beside its pairs that end otherwise without being weighed."""
    store.load_findings_of(con, AT_STAKE)
    recall_pairs(con)


# The records that were looked at again, and those that are gone.
AT_STAKE = """
select source, source_record_id from standing_rows
union select source, source_record_id from standard semi join described using (record_key)
"""


@tables(reads="kept_described", writes="everyone")
def hold_out_of_kept(con: duckdb.DuckDBPyConnection, model: Model, seed: str, state: State) -> None:
    """Build `held_out` as after a full run, from what this run has written: records are drawn of all that there are."""
    state.lay(con)
    con.execute("create or replace temp view everyone as from kept_described")
    draw(con, seed)
    gather_around_drawn(con, model)
    follow(con, model)
