"""Link one release's person records: from intermediate.person_records to linkage.*.

In goes a reserved release, out come its persons in linkage.* and a summary of counts. The `@tables` line above each step
says which tables of the DuckDB connection it reads and writes; by them `link` can be followed. Everything is a
function of the records, the decisions, the model and the standing persons of the base release; there is no clock and no chance in it.
What the base release kept beside the database (kept.py) makes a run cheap and changes nothing that comes out.
"""

from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import psycopg

from akrim.identifiers import control_rule
from akrim.linkage.engine import count, open_engine, tables
from akrim.linkage.incremental import state_files as kept
from akrim.linkage.incremental.state_tables import lay_tables
from akrim.linkage.incremental_run import find_what_changed, hold_out_of_kept, recall_findings
from akrim.linkage.matching.findings import compare_findings, find_findings, tally_findings
from akrim.linkage.model.file import Model, load_model
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.quality.held_out import hold_out
from akrim.linkage.quality.metrics import assess_quality
from akrim.linkage.quality.review_samples import reviewed_figures
from akrim.linkage.store import postgres as store
from akrim.linkage.store import saving
from akrim.linkage.store.person_ids import assign_ids


@dataclass(frozen=True)
class LinkSummary:
    """What one linkage did, in counts."""

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
        release_id: a release that `akrim.ledger.pin` has reserved, whose records are staged.
        in_full: look at every record and pair again instead of what changed since the base release; the same result,
            as a check.
    """
    from akrim import ledger  # the ledger asks this package for the model's version

    pins = ledger.load(release_id)
    base, model_name = pins.base_release_id, pins.model.split(":")[0]
    rule = control_rule(pins.period.year)
    with store.open_store() as connection, open_engine() as con, kept.unfinished() as folder:
        store.rewind(connection, release_id, base)
        connection.commit()
        base_run = store.run_of(connection, base)
        names = kept.Names(pins.model, rule, connection.info.server_version)
        base_name = names.of(base_run.token) if base_run else None
        store.load_digests(con)
        model, may_settle = fitted_model(connection, con, model_name, base, count(con, "digests"))
        below = kept.find(base_name) if base_name and may_settle and not in_full else None
        if below and not find_what_changed(con, model, below, rule):
            below = None
        if below is None:
            store.load(con)
            prepare(con, rule)
            find_persons(con, model, may_settle)
        assign_ids(con)
        compare_with_standing(con)
        if below:
            recall_findings(con)
        find_findings(con, model)
        compare_findings(con)
        tally_findings(con, "kept_tally" if below else None)
        summary = _summary(con, release_id, model.name, base_run.counts if base_run and below else None)
        lay_tables(con, is_of_change=below is not None)
        state = kept.write(con, folder, below)
        if below:
            hold_out_of_kept(con, model, release_id, state)
        else:
            hold_out(con, model, release_id)
        profile = store.profile_of(connection, base) if may_settle and base else None
        assess_quality(con, model, reviewed_figures(connection), profile)
        saving.save(connection, con, release_id)
        token = saving.record_run(connection, release_id, base, model.name, asdict(summary))
        kept.keep(state, names.of(token), base_name)
    return summary


def fitted_model(
    connection: psycopg.Connection,
    con: duckdb.DuckDBPyConnection,
    name: str,
    base: str | None,
    records: int,
) -> tuple[Model, bool]:
    """The model for so many records, and whether the base release was linked with the very same weights."""
    model, stood = load_model(con, name), store.run_of(connection, base)
    fitted = model.for_release(records)
    if stood is None or stood.model != name:
        return fitted, False
    return fitted, model.for_release(stood.counts["records"]).settings == fitted.settings


@tables(
    reads="assigned described membership standard standing_rows units",
    writes="closing_memberships opening resulting",
)
def compare_with_standing(con: duckdb.DuckDBPyConnection) -> None:
    """Build `opening` and `closing`: the memberships that differ from those that stand."""
    con.execute(f"create or replace temp table resulting as {RESULTING}")
    con.execute(f"create or replace temp table opening as {OPENING}")
    con.execute(f"create or replace temp table closing_memberships as {CLOSING}")


RESULTING = """
select s.source, s.extract, s.source_record_id, d.content_digest, a.person_id, m.link_kind, m.match_weight,
    case when m.link_kind = 'identifier' then u.unit_key end as same_number_as, u.is_borrowed as has_borrowed_number
from membership m join standard s using (record_key) join described d using (record_key) join units u using (record_key)
join assigned a using (cluster_id)
"""

SAME_MEMBERSHIP = """
    old.stands and (old.source, old.source_record_id) = (new.source, new.source_record_id)
    and old.extract = new.extract and old.content_digest = new.content_digest and old.person_id = new.person_id
    and old.link_kind = new.link_kind and old.match_weight is not distinct from new.match_weight
    and old.same_number_as is not distinct from new.same_number_as
    and old.has_borrowed_number = new.has_borrowed_number
"""
OPENING = f"select new.* from resulting new anti join standing_rows old on {SAME_MEMBERSHIP}"  # noqa: S608  # a condition named here
CLOSING = f"""
select old.source, old.source_record_id from standing_rows old anti join resulting new on {SAME_MEMBERSHIP}
where old.stands
"""  # noqa: S608  # a condition named here


@tables(
    reads="assigned digests id_changes kept_described membership new_units opening replaced standing_rows tally units"
)
def _summary(
    con: duckdb.DuckDBPyConnection, release_id: str, model: str, before: dict[str, Any] | None
) -> LinkSummary:
    """What the run did; `before` the base's counts where the tables hold what changed alone."""
    records, persons, borrowed = (
        count(con, table, where)
        for table, where in (("membership", "true"), ("assigned", "true"), ("units", "is_borrowed"))
    )
    if before:
        records = count(con, "digests")
        persons += before["persons"] - count(
            con, "(select distinct person_id from standing_rows where stands)"
        )
        replaced = "kept_described semi join replaced using (record_key)"
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
        changed_records=count(con, "opening"),
        merged_ids=count(con, "id_changes", "change = 'merged'"),
        split_ids=count(con, "id_changes", "change = 'split'"),
        borrowed_numbers=borrowed,
        guards=dict(con.execute(GUARD_FIRINGS).fetchall()),
        parked_pairs=dict(con.execute(PARKED_PAIRS).fetchall()),
    )


# How often each guard keeps two units apart that weights would bring together.
GUARD_FIRINGS = """
select guard, sum(pairs)::bigint from tally where guard is not null group by guard order by guard
"""
PARKED_PAIRS = """
select outcome, sum(pairs)::bigint from tally where outcome like 'parked%' group by outcome order by outcome
"""
