"""Error messages keep their place, without the values that they quote."""

import re
import traceback
from types import SimpleNamespace
from typing import Any

import duckdb
import pandas as pd
import psycopg
import pyarrow as pa
import pytest
from akrim.errors import StepFailed, UserError, redacted
from akrim.orchestration.redaction import redact_errors
from akrim.releases.parts import making
from akrim.report.wording import Words
from akrim.warehouse import connect


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ('invalid input syntax for type date: "OLSEN"', "invalid input syntax for type date: '…'"),
        ('relation "staging.persons" does not exist', 'relation "staging.persons" does not exist'),
        ("Could not convert string '01817012345' to INT32", "Could not convert string '…' to INT32"),
        ("value 01817012345 is out of range", "value … is out of range"),
        (
            'duplicate key value violates unique constraint "persons_pkey"\nDETAIL:  Key (ident)=(Kari) exists.',
            'duplicate key value violates unique constraint "persons_pkey"',
        ),
        (
            'null value in column "navn" of relation "x"\nFailing row contains (Kari)',
            'null value in column "navn" of relation "x"',
        ),
    ],
)
def test_values_go_and_names_stay(message: str, kept: str) -> None:
    assert redacted(message) == kept


VALUES = (
    'Kari "Kalle" Olsen',
    "O'Kari Olsen",
    "Olsen\nKari\nKalle",
    "Kari 'Kalle'\n Olsen",
    'Kari, "',
    "' Kari",
)


@pytest.mark.parametrize("value", VALUES)
def test_nothing_is_left_of_a_value_with_quotes_or_lines(value: str, warehouse: None) -> None:
    """As PostgreSQL, DuckDB, pandas and Python quote it."""
    told: list[Exception] = []
    with connect() as connection:
        try:
            connection.execute("select %s::text::date", [value])
        except psycopg.Error as error:
            told.append(error)
    for cast, reader in (
        (lambda: duckdb.execute("select cast(? as date)", [value]), duckdb.Error),
        (lambda: pd.to_numeric(pd.Series([value])), ValueError),
        (lambda: int(value), ValueError),
        (lambda: pa.array([value]).cast(pa.int64()), pa.ArrowInvalid),
        (lambda: {}[value.encode()], KeyError),
    ):
        with pytest.raises(reader) as caught:
            cast()
        told.append(caught.value)
    assert len(told) == 6
    for error in told:
        left = redacted(str(error))
        assert not {"Kari", "Kalle", "Olsen"} & set(re.findall(r"\w+", left)), (left, error)


def test_english_and_a_servers_names_stay() -> None:
    for said in (
        "it can't be read: the model's file isn't there",
        'connection to server at "db.example" failed: FATAL:  password authentication failed for user "akrim"',
    ):
        assert redacted(said) == said


def test_a_step_fails_without_the_value(airflow: None) -> None:
    @redact_errors
    def step() -> None:
        raise ValueError("cannot parse 'Kari Nordmann'")

    with pytest.raises(StepFailed) as caught:
        step()
    assert "Kari" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("area_customs", r"KeyError: '…' \(wording\.py:\d+\)"),
        (UserError("No room.", "/data"), r"No room\.\n +where: /data"),
    ],
)
def test_a_part_that_fails_says_why_and_where(
    key: Any, told: str, airflow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object) -> None:
        if isinstance(key, UserError):
            raise key
        wordless: Any = SimpleNamespace(texts={})
        Words.__call__(wordless, key)

    monkeypatch.setattr(making, "build_snapshot", build)
    monkeypatch.setattr(making, "listed", lambda _: {})
    order: Any = SimpleNamespace(pins=None)
    with pytest.raises(StepFailed, match=f"^The files of oslo could not be made: {told}$") as caught:
        redact_errors(making.make_parts)(order, ["oslo"])
    assert "build_snapshot" in "".join(traceback.format_exception(caught.value))


def test_words_of_ours_pass_as_they_are(airflow: None) -> None:
    @redact_errors
    def step() -> None:
        raise UserError("There is no release '2026-T1.9'.")

    with pytest.raises(UserError, match=r"2026-T1\.9"):
        step()
