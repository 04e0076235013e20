"""What a task's failure says: our own words as they are, others' without the values that they quote."""

import functools
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from akrim.errors import CODE_ERRORS, UserError, redacted
from akrim.full_disk import full_disk

P = ParamSpec("P")
R = TypeVar("R")


class StepFailed(Exception):
    """A task's failure, in a message without data."""


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
