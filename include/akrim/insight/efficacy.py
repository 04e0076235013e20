"""What happened afterwards to those whom the rules pointed at, as the database counts it."""

from typing import Any

from akrim import warehouse
from akrim.errors import UserError
from akrim.insight.situation import assessed_window

# Of fewer, a share says nothing.
FEW = 5
QUERY = """
select * from oversight.rule_efficacy where release_id = %s
order by months, subject, code, compared, characteristic, subgroup, outcome
"""


def read_efficacy(release: str = "") -> list[dict[str, Any]]:
    """The rows of oversight.rule_efficacy of a release, by default the newest that is published.

    Raises UserError where there is none, or where no release came out at least a year before it.
    """
    release_id, *_ = assessed_window(release)
    with warehouse.connect() as connection:
        # A home that an earlier program made has no such table until the next run.
        is_built = warehouse.has_table(connection, "oversight.rule_efficacy")
        rows = warehouse.read_rows(connection, QUERY, [release_id]) if is_built else []
    if not rows:
        raise UserError(
            f"No release came out a year or more before {release_id}, so nothing can be told of what happened afterwards.",
            "akrim rules efficacy",
            "Where agencies still have them, deliver earlier periods to an installation of its own and run them in order.",
        )
    return rows


def by_least_share(row: dict[str, Any]) -> tuple[Any, ...]:
    """To sort rows by: statuses before rules, few persons last, and the most first that a share is at least."""
    return row["subject"] == "rule", row["person_count"] < FEW, -row["low_pct"], row["code"]
