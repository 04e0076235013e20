"""What counts as a date is what is written as agreed and is in the calendar, however the server writes its own."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BY_RULE = "value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and pg_input_is_valid(value, 'date')"
TRICKY = [
    None, "", "2026-02-28", "2026-02-29", "2024-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "10000-01-01",
    " 202-01-02", "202 -01-02", "2026-01-2 ", "+202-01-02", "2026.01.02", "2026/01/02", "01/02/2026", "20260102", "2026-1-02",
    "Jan-02-202", "01-02-2026", "02.01.2026", "2026-Jan-2", "2026-01-02 BC", "infinity", "-infinity", "today", "now", "epoch", "2026-01-02T", "２０２６-01-02",
]  # fmt: skip
ALMOST = st.one_of(
    st.dates().map(str),
    st.text("0123456789-/. :+TZ", min_size=8, max_size=12),
    st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True),
)


def differing(address: str, style: str, values: list[str | None]) -> list[tuple[object, ...]]:
    """Values of which the functions do not say what the rule says."""
    with psycopg.connect(address, options=f"-c datestyle={style}") as connection:
        return connection.execute(
            f"""select value from unnest(%s::text[]) as value
            where meta.is_date(value, 'YYYY-MM-DD') is distinct from ({BY_RULE})
                or meta.to_date(value, 'YYYY-MM-DD') is distinct from (case when {BY_RULE} then value::date end)""",
            [values],
        ).fetchall()


@pytest.mark.parametrize("style", ["ISO", "German", "SQL", "Postgres"])
def test_a_date_is_written_as_agreed_and_in_the_calendar(warehouse: str, style: str) -> None:
    assert differing(warehouse, style, TRICKY) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(ALMOST, max_size=40))
def test_the_quick_way_says_the_same_as_the_rule(warehouse: str, values: list[str | None]) -> None:
    assert differing(warehouse, "ISO", values) == []
