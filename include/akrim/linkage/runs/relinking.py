"""Links what remains of a release's records where some are left out; nothing of it is recorded.

It goes as the next release would, had the others been withdrawn: with the model that linked the release, and the verdicts and
persons that it knew. What held together by the others alone comes apart.
"""

from typing import NamedTuple

import duckdb
import pyarrow as pa

from akrim import ledger, warehouse
from akrim.errors import UserError
from akrim.identifiers import control_rule
from akrim.linkage.engine import open_engine, tables
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.matching.findings import build_findings
from akrim.linkage.model.file import load_model
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.store import postgres as store
from akrim.linkage.store.person_ids import assign_ids


class Relinked(NamedTuple):
    """The rows of `linkage.person_records` and `linkage.accepted_pairs` as they would be."""

    person_records: list[tuple[str | float | None, ...]]
    accepted_pairs: list[tuple[str | float | None, ...]]


def relink(release_id: str, records: pa.Table) -> Relinked:
    """The persons behind these records of a release, each with the id of the person that had most of them.

    Args:
        records: the rows of intermediate.person_records that remain.

    Raises UserError where the release was not linked here.
    """
    with warehouse.connect() as connection:
        run = store.find_run(connection, release_id)
    if run is None:
        raise UserError(
            "This release was not linked here.", release_id, "Name one that `akrim run` has made."
        )
    with open_engine() as con:
        _take(con, records)
        start_empty(con)
        store.load_linked(con, release_id)
        prepare(con, control_rule(ledger.load(release_id).period.year))
        # As strict as the release's own run, though there are fewer records.
        model = load_model(con, run.model).for_release(run.counts["records"])
        find_persons(con, model)
        assign_ids(con)
        build_findings(con, model)
        return Relinked(con.execute(PERSON_RECORDS).fetchall(), con.execute(ACCEPTED_PAIRS).fetchall())


@tables(writes="records")
def _take(con: duckdb.DuckDBPyConnection, records: pa.Table) -> None:
    con.register("remaining", records)
    con.execute("create temp table records as from remaining")


PERSON_RECORDS = """
select s.source, s.extract, s.source_record_id, a.person_id, m.link_kind, m.match_weight
from membership m join standard s using (record_key) join assigned a using (cluster_id)
"""
ACCEPTED_PAIRS = """
select l.source, l.source_record_id, r.source, r.source_record_id, f.match_weight
from findings f join standard l on l.record_key = f.record_key_l join standard r on r.record_key = f.record_key_r
where f.outcome = 'accepted'
"""
