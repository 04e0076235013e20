"""Feeding deliveries to the real receiver, and looking at the tables afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from akrim.deliveries import DeliveryOutcome, receive, record_strays
from psycopg import sql
from psycopg.rows import dict_row

from tests.deliveries.building import Delivery
from tests.ledger.entering import enter_release


@dataclass
class Receiver:
    """An inbox and the warehouse it is received into."""

    inbox: Path
    address: str

    def __call__(
        self, *deliveries: Delivery, agency: str | None = None, **more: Any
    ) -> list[DeliveryOutcome]:
        from expectations import suite_for

        for delivery in deliveries:
            delivery.write(self.inbox)
        return receive(str(self.inbox), agency or deliveries[0].agency, suite_for, **more)

    def strays(self) -> list[DeliveryOutcome]:
        return record_strays(str(self.inbox))

    def rows(self, query: str | sql.Composable, *parameters: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.address) as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, parameters).fetchall()

    def value(self, query: str | sql.Composable, *parameters: Any) -> Any:
        return next(iter(self.rows(query, *parameters)[0].values()))

    def run(self, statement: str) -> None:
        with psycopg.connect(self.address) as connection:
            connection.execute(statement)

    def enter_release(self, release_id: str, **columns: Any) -> None:
        with psycopg.connect(self.address) as connection:
            enter_release(connection, release_id, **columns)


@pytest.fixture
def receiver(warehouse: str, tmp_path: Path) -> Receiver:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Receiver(inbox, warehouse)


@pytest.fixture
def published(receiver: Receiver) -> Callable[[], None]:
    """A release that was published, with persons and groups in Oslo's and in Bergen's part, for decisions to refer to."""

    def publish() -> None:
        receiver.enter_release("2025-T2.1", published_at="now")
        receiver.run("create table marts.release_persons (release_id text, centre_id text, person_id text)")
        receiver.run(
            "create table marts.withheld_data (release_id text, withheld_from text, agency text, category text)"
        )
        receiver.run(
            "insert into marts.release_persons select '2025-T2.1', 'oslo', 'PPERSON' || n from generate_series(1, 3) as n"
            " union select '2025-T2.1', 'bergen', 'PBERGEN'"
        )
        receiver.run(
            "create table marts.network_assessments as select '2025-T2.1' as release_id, c as centre_id, n as network_id"
            " from unnest(array['oslo', 'bergen'], array['NETTVERK1', 'NETTVERK2']) as networks (c, n)"
        )
        receiver.run(
            "create table marts.enterprise_assessments as"
            " select '2025-T2.1' as release_id, 'oslo' as centre_id, '212345675' as orgnr"
        )
        # Oslo lists the first person, who leads one enterprise and has another led by a straw man.
        listed = "select '2025-T2.1' as release_id, 'PPERSON1' as person_id"
        receiver.run(f"create table marts.assessments as {listed}, 'oslo' as centre_id")
        receiver.run(f"create table marts.roles as {listed}, '212345683' as orgnr")
        receiver.run(f"create table marts.straw_man_ties as {listed}, '212345691' as orgnr")

    return publish


def of_landing(query: str, table: str) -> sql.Composable:
    """The query about that landing table, which stands in it as {}."""
    return sql.SQL(query).format(sql.Identifier("landing", table))
