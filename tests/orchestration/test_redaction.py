"""Error messages keep their place, without the values that they quote."""

import pytest
from akrim.errors import UserError
from akrim.orchestration.redaction import StepFailed, redact_errors, redacted


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


def test_a_step_fails_without_the_value(airflow: None) -> None:
    @redact_errors
    def step() -> None:
        raise ValueError("cannot parse 'Kari Nordmann'")

    with pytest.raises(StepFailed) as caught:
        step()
    assert "Kari" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_words_of_ours_pass_as_they_are(airflow: None) -> None:
    @redact_errors
    def step() -> None:
        raise UserError("There is no release '2026-T1.9'.")

    with pytest.raises(UserError, match=r"2026-T1\.9"):
        step()
