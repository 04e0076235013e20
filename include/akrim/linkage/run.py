"""Link one release's person records: from intermediate.person_records to linkage.*.

In goes a reserved release, out come its persons in linkage.* and a summary of counts. Everything is a function of the
records, the decisions, the model and the standing persons of the base release; there is no clock and no chance in it.
"""

from dataclasses import asdict, dataclass

import duckdb
import psycopg

from akrim.identifiers import control_rule
from akrim.linkage import store
from akrim.linkage.engine import count, open_engine
from akrim.linkage.findings import STANDING_NOW, compare_findings, find_findings
from akrim.linkage.model_file import Model, load_model
from akrim.linkage.person_ids import assign_ids
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.quality import assess_quality
from akrim.linkage.sampling import reviewed_figures


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
        in_full: score all pairs instead of what changed since the base release; the same result, as a check.
    """
    from akrim import ledger  # the ledger asks this package for the model's version

    pins = ledger.load(release_id)
    base = pins.base_release_id
    with store.open_store() as connection, open_engine() as con:
        store.rewind(connection, release_id, base)
        connection.commit()
        store.load(con)
        prepare(con, control_rule(pins.period.year))
        model, may_settle = fitted_model(connection, con, pins.model.split(":")[0], base)
        find_persons(con, model, may_settle, in_full)
        assign_ids(con)
        compare_with_standing(con)
        find_findings(con, model)
        compare_findings(con)
        assess_quality(con, model, release_id, reviewed_figures(connection))
        summary = _summary(con, release_id, model.name)
        store.save(connection, con, release_id)
        store.record_run(connection, release_id, base, model.name, asdict(summary))
    return summary


def fitted_model(
    connection: psycopg.Connection, con: duckdb.DuckDBPyConnection, name: str, base: str | None
) -> tuple[Model, bool]:
    """The model for as many records as these, and whether the base release was linked with the very same weights."""
    model = load_model(con, name)
    fitted = model.for_release(count(con, "standard"))
    stood = model.for_release(store.records_of(connection, base))
    return fitted, store.model_of(connection, base) == name and stood.settings == fitted.settings


def compare_with_standing(con: duckdb.DuckDBPyConnection) -> None:
    """Build `opening` and `closing`: the memberships that differ from those that stand."""
    con.execute(f"create or replace temp table resulting as {RESULTING}")
    con.execute(f"create or replace temp table opening as {OPENING}")
    con.execute(f"create or replace temp table closing_memberships as {CLOSING}")


RESULTING = """
select s.source, s.extract, s.source_record_id, d.content_digest, a.person_id, m.link_kind, m.match_weight,
    case when m.link_kind = 'identifier' then u.unit_key end as same_number_as
from membership m join standard s using (record_key) join described d using (record_key) join units u using (record_key)
join assigned a using (cluster_id)
"""

SAME_MEMBERSHIP = """
    old.stands and (old.source, old.source_record_id) = (new.source, new.source_record_id)
    and old.extract = new.extract and old.content_digest = new.content_digest and old.person_id = new.person_id
    and old.link_kind = new.link_kind and old.match_weight is not distinct from new.match_weight
    and old.same_number_as is not distinct from new.same_number_as
"""
OPENING = f"select new.* from resulting new anti join standing_rows old on {SAME_MEMBERSHIP}"
CLOSING = f"""
select old.source, old.source_record_id from standing_rows old anti join resulting new on {SAME_MEMBERSHIP}
where old.stands
"""


# How often each guard keeps two units apart that weights would bring together.
GUARD_FIRINGS = (
    f"select guard, count(*) from {STANDING_NOW} where guard is not null group by guard order by guard"
)
PARKED_PAIRS = f"""
select outcome, count(*) from {STANDING_NOW} where outcome like 'parked%' group by outcome order by outcome
"""


def _summary(con: duckdb.DuckDBPyConnection, release_id: str, model: str) -> LinkSummary:
    return LinkSummary(
        release_id=release_id,
        model=model,
        records=count(con, "membership"),
        persons=count(con, "assigned"),
        new_persons=count(con, "assigned", "is_new"),
        changed_records=count(con, "opening"),
        merged_ids=count(con, "id_changes", "change = 'merged'"),
        split_ids=count(con, "id_changes", "change = 'split'"),
        borrowed_numbers=count(con, "units", "is_borrowed"),
        guards=dict(con.execute(GUARD_FIRINGS).fetchall()),
        parked_pairs=dict(con.execute(PARKED_PAIRS).fetchall()),
    )
