"""The functions of the tasks of linkage's own DAGs, which no release waits for: training, and the check in full."""

from dataclasses import asdict
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from akrim.orchestration.redaction import redact_errors


@redact_errors
def train_model(params: Any = None) -> dict[str, Any]:
    """Train a linkage model on the staged records; it is not used until the setting names it."""
    from datetime import date

    from akrim.linkage import runs
    from akrim.orchestration.locks import lock_assessment

    lock_assessment()
    model = runs.train_model(None, date.fromisoformat(params["day"]))
    return {"model": model.name, "records": model.training["records"]}


@redact_errors
def check_in_full() -> dict[str, Any]:
    """Compare the last linkage with a full relink; raises UserError if any record or pair would get another person or finding.

    Skips where nothing is there to compare: no release yet, or none whose records are still staged.
    """
    from akrim import warehouse
    from akrim.errors import UserError
    from akrim.linkage import runs
    from akrim.orchestration.locks import lock_assessment

    warehouse.prepare()
    lock_assessment()
    try:
        checked = runs.check_in_full()
    except runs.NothingStaged as nothing:
        raise AirflowSkipException(str(nothing)) from None
    if not checked.is_equal:
        raise UserError(
            f"A full relink would place {checked.differing_records} of {checked.records} records otherwise,"
            f" and would find {checked.differing_findings} pairs to be otherwise.",
            f"release {checked.release_id}",
            "Keep the release from going out, and have the linkage looked at; one that is out is taken back by recall:\n"
            f"         akrim releases hold {checked.release_id} --by NAME --reason WHY\n"
            f"         akrim releases recall {checked.release_id} --by NAME --reason WHY",
        )
    return asdict(checked)
