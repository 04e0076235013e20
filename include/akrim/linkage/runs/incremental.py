"""An incremental run: builds the tables of a full run, but only for what changed and what a change can affect."""

import duckdb

from akrim.identifiers import ControlRule
from akrim.linkage.engine import tables
from akrim.linkage.incremental.affected_persons import gather_around_drawn, gather_neighbours
from akrim.linkage.incremental.carried_over_pairs import carry_over_pairs
from akrim.linkage.incremental.changed_records import find_changed_records
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.pipeline import find_changed_persons
from akrim.linkage.quality.held_out import draw, link_drawn
from akrim.linkage.store import postgres as store
from akrim.linkage.store.cache import Cache


def link_changed_records(
    con: duckdb.DuckDBPyConnection, release_id: str, model: LinkageModel, base: Cache, rule: ControlRule
) -> bool:
    """Link what changed since the base release; false if so much changed that a full run is no slower."""
    base.create_views(con)
    store.load_decisions(con, release_id)
    if not find_changed_records(con, rule):
        return False
    gather_neighbours(con, model)
    store.load_persons(con)
    find_changed_persons(con, model)
    return True


def carry_over_findings(con: duckdb.DuckDBPyConnection) -> None:
    """Read the findings that this run can change, and add pairs whose outcome changes although they were not rescored."""
    store.load_findings(con, CHECKED_RECORDS)
    carry_over_pairs(con)


# The records that were linked again, and those that are gone.
CHECKED_RECORDS = """
select source, source_record_id from existing_memberships
union select source, source_record_id from standard semi join described using (record_key)
"""


@tables(reads="cached_described", writes="all_records")
def hold_out_from_cache(
    con: duckdb.DuckDBPyConnection, model: LinkageModel, seed: str, written: Cache
) -> None:
    """Build `held_out` as after a full run: the sample is drawn from all records, which the cache holds."""
    written.create_views(con)
    con.execute("create or replace temp view all_records as from cached_described")
    draw(con, seed)
    gather_around_drawn(con, model)
    link_drawn(con, model)
