"""The scheduled check that an incremental linkage gives the same result as a full one.

It relinks the last release in full, changes nothing, and records in linkage.full_checks how many records would get
another person and how many pairs another finding, which must be none.
"""

from dataclasses import astuple, dataclass

from akrim import ledger
from akrim.errors import UserError
from akrim.identifiers import control_rule
from akrim.keys import derived_key
from akrim.linkage.engine import count, open_engine
from akrim.linkage.matching.existing_persons import follow_numbers
from akrim.linkage.matching.findings import SAME_FINDING, build_findings, compare_findings
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.records.descriptions import use_key
from akrim.linkage.runs.linking import compare_memberships, fitted_model
from akrim.linkage.store import postgres as store
from akrim.linkage.store.person_ids import assign_ids


@dataclass(frozen=True)
class FullCheck:
    """How a release's linkage differs from a full one."""

    release_id: str
    records: int
    differing_records: int
    differing_findings: int

    @property
    def is_equal(self) -> bool:
        return not self.differing_records and not self.differing_findings


class NothingStaged(UserError):
    """There is no linked release, or its records are staged no longer."""


def check_in_full() -> FullCheck:
    """Relink the last release in full and count the records and findings that differ; raises NothingStaged if its records are not there."""
    with store.open_store() as connection, open_engine() as con:
        use_key(con, derived_key("linkage"))
        run = connection.execute(store.LAST_RUN).fetchone()
        if run is None or not run[3]:
            raise NothingStaged(
                "The records of the last linked release are no longer staged."
                if run
                else "No release has been linked yet.",
                str(run[0]) if run else "linkage.runs",
                "Run the check after an assessment, before the next one starts.",
            )
        release_id, base, model_name, _ = run
        store.load(con, release_id, as_before=True)
        prepare(con, control_rule(ledger.load(release_id).period.year))
        model, may_settle = fitted_model(connection, con, model_name, base, count(con, "standard"))
        find_persons(con, model, may_settle)
        follow_numbers(con)
        assign_ids(con)
        store.load_memberships(con)
        compare_memberships(con)
        build_findings(con, model)
        compare_findings(con)
        differing = count(con, DIFFERING_RECORDS), count(con, DIFFERING_FINDINGS)
        checked = FullCheck(release_id, count(con, "membership"), *differing)
        connection.execute(
            "insert into linkage.full_checks (release_id, records, differing_records, differing_findings)"
            " values (%s, %s, %s, %s)",
            list(astuple(checked)),
        )
    return checked


DIFFERING_RECORDS = """
(select source, source_record_id from opening_memberships union select source, source_record_id from closing_memberships)
"""
# Whatever stands and was not found, not only what a run would close.
DIFFERING_FINDINGS = f"""
(select source_l, source_record_id_l, source_r, source_record_id_r from opening_findings
union select source_l, source_record_id_l, source_r, source_record_id_r
from existing_findings old anti join new_findings new on {SAME_FINDING})
"""  # noqa: S608  # for the in-memory DuckDB, of a constant
