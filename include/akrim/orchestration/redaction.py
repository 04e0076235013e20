"""Error messages without the values that databases and parsers quote in them.

PostgreSQL tells which value did not fit, and a value may be a person's. Names of tables and columns stay, quoted
values and long numbers go, and so do the lines that print whole rows. What remains names the place; the row is
found in the warehouse.
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
    """A task's failure, told without data."""


def redacted(text: str) -> str:
    """The message with quoted values and long numbers masked, up to where rows would follow."""
    kept = []
    for line in text.strip().splitlines():
        if ROWS_FOLLOW.match(line):
            break
        kept.append(NUMBER.sub("…", QUOTED.sub(lambda match: match[0] if match[1] else "'…'", line)))
    return "\n".join(kept)


def told(error: BaseException | str) -> str:
    """The error in words that may be logged: as it stands where the words are ours or speak of code and files."""
    from airflow.sdk.exceptions import AirflowException

    full = None if isinstance(error, UserError) else full_disk(error)
    if full is not None:
        return str(full)
    if isinstance(error, (str, UserError, StepFailed, AirflowException, *CODE_ERRORS)):
        return str(error)
    return f"{type(error).__name__}: {redacted(str(error))}{_place(error)}"


def _place(error: BaseException) -> str:
    """The line of ours where it happened."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "akrim" in frame.filename]
    return f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""


def _is_held(error: BaseException) -> bool:
    """Whether the release waits for a person: then another attempt changes nothing."""
    from akrim.releases import ReleaseOnHold

    return isinstance(error, ReleaseOnHold)


def told_without_data(step: Callable[P, R]) -> Callable[P, R]:
    """Let the step's errors through with their place but without what they quote."""

    @functools.wraps(step)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        from airflow.sdk.exceptions import AirflowException, AirflowFailException

        try:
            return step(*args, **kwargs)
        except (UserError, AirflowException, *CODE_ERRORS) as error:
            if _is_held(error):
                raise AirflowFailException(str(error)) from error
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, it is raised again)
            raise StepFailed(told(error)).with_traceback(error.__traceback__) from None

    return wrapped
