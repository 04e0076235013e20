"""Error messages without the values that databases and parsers quote in them, which may be personal data.

Names of tables and columns stay; quoted values, long numbers and lines that print whole rows are removed.
"""

import functools
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from akrim.errors import UserError
from akrim.full_disk import full_disk

P = ParamSpec("P")
R = TypeVar("R")

NAMED = r"\b(?:relation|column|constraint|table|schema|function|index|view|database|model|test)s?\s+"
QUOTED = re.compile(rf"({NAMED})?(?:\"[^\"]*\"|'[^']*')")
NUMBER = re.compile(r"\d{6,}")
ROWS_FOLLOW = re.compile(r"\s*(?:DETAIL|CONTEXT|LINE \d+|QUERY|STATEMENT|Failing row)")


CODE_ERRORS = (AttributeError, ImportError, NameError, NotImplementedError, OSError)


class StepFailed(Exception):
    """A task's failure, in a message without data."""


def redacted(text: str) -> str:
    """The message with quoted values and long numbers masked, without the rows that follow."""
    lines = []
    for line in text.strip().splitlines():
        if ROWS_FOLLOW.match(line):
            break
        lines.append(NUMBER.sub("…", QUOTED.sub(lambda match: match[0] if match[1] else "'…'", line)))
    return "\n".join(lines)


def safe_message(error: BaseException | str) -> str:
    """The error's message as it may be logged: unchanged if it is ours or about code and files, else redacted."""
    from airflow.sdk.exceptions import AirflowException

    full = None if isinstance(error, UserError) else full_disk(error)
    if full is not None:
        return str(full)
    if isinstance(error, (str, UserError, StepFailed, AirflowException, *CODE_ERRORS)):
        return str(error)
    return f"{type(error).__name__}: {redacted(str(error))}{_place(error)}"


def _place(error: BaseException) -> str:
    """The line of our code where it happened."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "akrim" in frame.filename]
    return f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""


def redact_errors(step: Callable[P, R]) -> Callable[P, R]:
    """Decorate a step so that its errors name their place but quote no data."""

    @functools.wraps(step)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        from airflow.sdk.exceptions import AirflowException

        try:
            return step(*args, **kwargs)
        except (UserError, AirflowException, *CODE_ERRORS):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is raised again)
            raise StepFailed(safe_message(error)).with_traceback(error.__traceback__) from None

    return wrapped
