"""The situation table, M1 to M9, for any window of years, as the database counts it."""

from datetime import date
from typing import Any

from akrim import ledger, warehouse
from akrim.errors import UserError

QUERY = """
select situation.*, measures.unit, measures.version as definition_version
from marts.situation(%(release_id)s, %(window_from)s, %(window_to)s) as situation
join seeds.measures using (measure)
where base = %(base)s
order by scope <> 'national', scope, position
"""


WINDOW = """
select release_id, min(window_from), max(window_to) from marts.situation_measures join marts.releases using (release_id)
where release_id = %(release)s or (%(release)s = '' and is_newest) group by release_id
"""


def assessed_window(release: str) -> tuple[str, date, date]:
    """The release, or the newest that is published where none is named, and the first and last day of its own window.

    Raises UserError where there is none.
    """
    with warehouse.connect() as connection:
        is_built = warehouse.has_table(connection, "marts.situation_measures")
        found = connection.execute(WINDOW, {"release": release}).fetchone() if is_built else None
        if not found and not release:
            raise ledger.none_in_force(connection, "marts.releases")
    if not found:
        raise UserError(
            f"There is no release {release}.", "marts.releases", "`akrim releases list` shows what there is."
        )
    return found


def read_situation(release_id: str, window_from: date, window_to: date, base: str) -> list[dict[str, Any]]:
    """A row per scope and measure, the national ones first; `base` is all or threat_actors."""
    parameters = {"release_id": release_id, "window_from": window_from, "window_to": window_to, "base": base}
    with warehouse.connect() as connection:
        return warehouse.read_rows(connection, QUERY, parameters)
