"""Logs that somebody looks at person data."""

from collections.abc import Iterable

from akrim import warehouse
from akrim.audit.log import Event, persons_of, record


def log_consultation(  # noqa: PLR0913  # the fields of an event
    command: str,
    by: str,
    purpose: str,
    persons: Iterable[str] = (),
    records: Iterable[tuple[str, str]] = (),
    *,
    agency: str | None = None,
    delivery_id: str | None = None,
    release_id: str | None = None,
    **detail: str | int,
) -> None:
    """Log, before they are shown, that a command or a page shows these persons, and whose these records, by source and id, are."""
    with warehouse.connect() as connection:
        shown = {*persons, *persons_of(connection, records)}
        told = {"command": command, **detail}
        record(
            connection,
            Event(
                "consultation", by, purpose, None, agency, release_id, delivery_id, detail=told, persons=shown
            ),
        )
