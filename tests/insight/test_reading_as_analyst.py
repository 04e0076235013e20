"""What is read by the analysts' login: where that does not reach the database, it is told as for any other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from akrim.errors import Unreachable
from akrim.insight import count_pointed_at, find_persons, present_thresholds, try_thresholds

from tests.conftest import configure


@pytest.mark.parametrize(
    "asked",
    [
        count_pointed_at,
        lambda: find_persons("Kari"),
        lambda: try_thresholds("2025-T3.1", present_thresholds(), present_thresholds()),
    ],
    ids=["rules", "persons", "thresholds"],
)
def test_a_database_that_is_out_of_the_analysts_reach_is_told_as_that(
    asked: Callable[[], object], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, AKRIM_ANALYST_DATABASE_URL="postgresql://akrim_analyst@127.0.0.1:1/akrim")
    with pytest.raises(Unreachable):
        asked()
