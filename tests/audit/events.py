"""What the log says, for tests of whatever logs."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

LOGGED = """
select e.*, array(select person_id from audit.subjects as s where s.position = e.position order by 1) as persons
from audit.events as e where action = %s order by position
"""


def events(address: str, action: str) -> list[dict[str, Any]]:
    """The events of one kind with their persons, oldest first."""
    with psycopg.connect(address, row_factory=dict_row) as connection:
        return connection.execute(LOGGED, [action]).fetchall()
