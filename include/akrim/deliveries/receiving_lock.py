"""The lock by which an agency's deliveries are received one at a time, each judged against what stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from akrim.warehouse import connect


@contextmanager
def agency_lock(*agencies: str) -> Iterator[None]:
    """Wait until nothing of these agencies is being received, and keep it so until the block ends."""
    with connect() as connection:
        for agency in sorted(agencies):
            connection.execute("select pg_advisory_lock(hashtext(%s))", [f"akrim.receive.{agency}"])
        connection.commit()  # they are held until the connection ends
        yield
