"""Small worlds, made once: their deliveries and answer keys as files, which is all that the tests look at."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from akrim.periods import Period
from akrim.synthetic import Request, produce
from akrim.synthetic.extracts import AGENCIES

PERIODS = ("2025-T2", "2025-T3", "2026-T1")


@dataclass(frozen=True)
class Made:
    """An inbox with its truth beside it."""

    inbox: Path

    @property
    def truth(self) -> Path:
        return self.inbox.parent / "truth"

    def folder(self, agency: str, period: str, number: int = 1) -> Path:
        return self.inbox / agency / f"{agency}-{period}-{number:02}"

    def key(self, name: str) -> str:
        """A file of the answer key as a table for SQL."""
        return f"read_csv('{self.truth / name}.csv', all_varchar=true)"


def make(inbox: Path, period: str, persons: int = 2000, seed: int = 11, **more: object) -> Made:
    produce(Request(inbox, Period.parse(period), persons, seed, **more))  # type: ignore[arg-type]  # a test's own choice
    return Made(inbox)


def ask(query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Three periods in a row of a world of 2,000 persons."""
    inbox = tmp_path_factory.mktemp("synthetic") / "inbox"
    for period in PERIODS:
        make(inbox, period)
    return Made(inbox)


__all__ = ["AGENCIES", "PERIODS", "Made", "ask", "make"]
