"""Link one release's person records: from intermediate.person_records to linkage.*.

The `@tables` line above each step says which tables of the DuckDB connection it reads and writes. The result is a
function of the records, the decisions, the model and the base release's persons: neither clock nor chance plays a part,
and the base release's cache (cache.py) makes a run faster without changing its result.
"""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import psycopg

from akrim import ledger
from akrim.identifiers import ControlRule, control_rule
from akrim.keys import derived_key
from akrim.ledger import Pins
from akrim.linkage.engine import count, open_engine, tables
from akrim.linkage.incremental.cache_layer import create_layer_views
from akrim.linkage.matching.existing_persons import find_holders_before, follow_numbers
from akrim.linkage.matching.findings import build_findings, compare_findings, tally_findings
from akrim.linkage.model.file import LinkageModel, load_model
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.quality.drift import Profile
from akrim.linkage.quality.held_out import hold_out
from akrim.linkage.quality.metrics import assess_quality
from akrim.linkage.quality.reviewed_quality import reviewed_figures
from akrim.linkage.records.descriptions import use_key
from akrim.linkage.runs.incremental import carry_over_findings, hold_out_from_cache, link_changed_records
from akrim.linkage.store import cache, saving
from akrim.linkage.store import postgres as store
from akrim.linkage.store.combinations import log_combinations
from akrim.linkage.store.person_ids import assign_ids


@dataclass(frozen=True)
class LinkSummary:
    """What one run did, in counts."""

    release_id: str
    model: str
    records: int
    persons: int
    new_persons: int
    changed_records: int
    merged_ids: int
    split_ids: int
    borrowed_numbers: int
    guards: dict[str, int]
    parked_pairs: dict[str, int]


def link(release_id: str, in_full: bool = False) -> LinkSummary:
    """Find the persons behind a release's records and give them lasting ids.

    Args:
        release_id: a release that orchestration has pinned, whose records are staged.
        in_full: relink every record instead of those that changed since the base release; the result is the same.
    """
    pins = ledger.load(release_id)
    base, model_name = pins.base_release_id, pins.model.split(":")[0]
    rule = control_rule(pins.period.year)
    with store.open_store() as connection, open_engine() as con, cache.new_folder() as folder:
        use_key(con, derived_key("linkage"))
        store.rewind(connection, release_id, base)
        connection.commit()
        base_run = store.find_run(connection, base)
        names = cache.Names(pins.model, rule, connection.info.server_version)
        base_name = names.of(base_run.token) if base_run else None
        store.load_digests(con)
        model, may_settle = fitted_model(connection, con, model_name, base, count(con, "digests"))
        base_cache = cache.find(base_name) if base_name and may_settle and not in_full else None
        if base_cache and not link_changed_records(con, release_id, model, base_cache, rule):
            base_cache = None
        if base_cache is None:
            _link_all_records(con, release_id, model, rule, may_settle=may_settle)
        _compare_with_base(con, model, is_of_change=base_cache is not None)
        summary = _summary(con, release_id, model.name, base_run.counts if base_run and base_cache else None)
        create_layer_views(con, is_of_change=base_cache is not None)
        written = cache.write(con, folder, base_cache)
        if base_cache:
            hold_out_from_cache(con, model, release_id, written)
        else:
            hold_out(con, model, release_id)
        before = _profile_before(connection, con, pins, may_settle=may_settle)
        assess_quality(con, model, reviewed_figures(connection), before)
        saving.save(connection, con, release_id)
        token = saving.record_run(connection, release_id, base, model.name, asdict(summary))
        log_combinations(connection, release_id)
        cache.publish(written, names.of(token), base_name)
    return summary


def _link_all_records(
    con: duckdb.DuckDBPyConnection,
    release_id: str,
    model: LinkageModel,
    rule: ControlRule,
    *,
    may_settle: bool,
) -> None:
    store.load(con, release_id)
    prepare(con, rule)
    find_persons(con, model, may_settle)


def _compare_with_base(con: duckdb.DuckDBPyConnection, model: LinkageModel, *, is_of_change: bool) -> None:
    """Give the persons their ids, and find which memberships and findings are others than the base release's."""
    follow_numbers(con)
    assign_ids(con)
    compare_memberships(con)
    find_holders_before(con)
    if is_of_change:
        carry_over_findings(con)
    build_findings(con, model)
    compare_findings(con)
    tally_findings(con, is_of_change=is_of_change)


def _profile_before(
    connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, pins: Pins, *, may_settle: bool
) -> Profile | None:
    """The profile of the release before; None if there is none or other weights linked it.

    That is the base, but where an earlier period is assessed anew: the base is then of a later one, and tells of no change.

    Args:
        may_settle: whether the base has the same weights.
    """
    before = pins.previous_release_id
    if before != pins.base_release_id:
        _, may_settle = fitted_model(connection, con, pins.model.split(":")[0], before, count(con, "digests"))
    return store.read_profile(connection, before) if may_settle and before else None


def fitted_model(
    connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, name: str, base: str | None, records: int
) -> tuple[LinkageModel, bool]:
    """The model scaled to this number of records, and whether it has the weights that linked the base release."""
    model, base_run = load_model(con, name), store.find_run(connection, base)
    fitted = model.for_release(records)
    if base_run is None or base_run.model != name:
        return fitted, False
    return fitted, model.for_release(base_run.counts["records"]).settings == fitted.settings


@tables(
    reads="assigned described existing_memberships membership standard units",
    writes="closing_memberships new_memberships opening_memberships",
)
def compare_memberships(con: duckdb.DuckDBPyConnection) -> None:
    """Build `opening_memberships` and `closing_memberships`: what differs from the existing memberships."""
    con.execute(f"create or replace temp table new_memberships as {NEW_MEMBERSHIPS}")
    con.execute(f"create or replace temp table opening_memberships as {OPENING_MEMBERSHIPS}")
    con.execute(f"create or replace temp table closing_memberships as {CLOSING_MEMBERSHIPS}")


NEW_MEMBERSHIPS = """
select s.source, s.extract, s.source_record_id, d.content_digest, a.person_id, m.link_kind, m.match_weight,
    case when m.link_kind = 'identifier' then u.unit_key end as same_number_as, u.is_borrowed as has_borrowed_number
from membership m join standard s using (record_key) join described d using (record_key) join units u using (record_key)
join assigned a using (cluster_id)
"""

SAME_MEMBERSHIP = """
    old.is_current and (old.source, old.source_record_id) = (new.source, new.source_record_id)
    and old.extract = new.extract and old.content_digest = new.content_digest and old.person_id = new.person_id
    and old.link_kind = new.link_kind and old.match_weight is not distinct from new.match_weight
    and old.same_number_as is not distinct from new.same_number_as
    and old.has_borrowed_number = new.has_borrowed_number
"""
OPENING_MEMBERSHIPS = f"""
select new.* from new_memberships new anti join existing_memberships old on {SAME_MEMBERSHIP}
"""  # noqa: S608  # the condition above, for DuckDB
CLOSING_MEMBERSHIPS = f"""
select old.source, old.source_record_id from existing_memberships old anti join new_memberships new on {SAME_MEMBERSHIP}
where old.is_current
"""  # noqa: S608  # the condition above, for DuckDB


@tables(
    reads="assigned cached_described digests existing_memberships id_changes membership new_units opening_memberships replaced tally units"
)
def _summary(
    con: duckdb.DuckDBPyConnection, release_id: str, model: str, before: dict[str, Any] | None
) -> LinkSummary:
    """What the run did; `before` is the base release's counts where the tables hold only what changed."""
    records, persons, borrowed = (
        count(con, table, where)
        for table, where in (("membership", "true"), ("assigned", "true"), ("units", "is_borrowed"))
    )
    if before:
        records = count(con, "digests")
        persons += before["persons"] - count(
            con, "(select distinct person_id from existing_memberships where is_current)"
        )
        replaced = "cached_described semi join replaced using (record_key)"
        borrowed = (
            before["borrowed_numbers"]
            + count(con, "new_units", "is_borrowed")
            - count(con, replaced, "is_borrowed")
        )
    return LinkSummary(
        release_id=release_id,
        model=model,
        records=records,
        persons=persons,
        new_persons=count(con, "assigned", "is_new"),
        changed_records=count(con, "opening_memberships"),
        merged_ids=count(con, "id_changes", "change = 'merged'"),
        split_ids=count(con, "id_changes", "change = 'split'"),
        borrowed_numbers=borrowed,
        guards=dict(con.execute(GUARD_FIRINGS).fetchall()),
        parked_pairs=dict(con.execute(PARKED_PAIRS).fetchall()),
    )


# How many pairs each guard keeps apart.
GUARD_FIRINGS = """
select guard, sum(pairs)::bigint from tally where guard is not null group by guard order by guard
"""
PARKED_PAIRS = """
select outcome, sum(pairs)::bigint from tally where outcome like 'parked%' group by outcome order by outcome
"""
