"""The lock by which an agency's deliveries are received one at a time, each judged against what stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from akrim.warehouse import connect


@contextmanager
def agency_lock(*agencies: str) -> Iterator[None]:
    """Wait until nothing of these agencies is being received, and keep it so until the block ends."""
    names = [f"akrim.receive.{agency}" for agency in sorted(agencies)]
    with connect() as connection:
        for name in names:
            connection.execute("select pg_advisory_lock(hashtext(%s))", [name])
        try:
            yield
        finally:
            for name in names:
                connection.execute("select pg_advisory_unlock(hashtext(%s))", [name])
