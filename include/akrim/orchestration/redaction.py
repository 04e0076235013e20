"""What a task's failure says: our own words as they are, others' without the values that they quote."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from akrim.errors import CODE_ERRORS, StepFailed, UserError, told_without_data
from akrim.full_disk import full_disk

P = ParamSpec("P")
R = TypeVar("R")


def safe_message(error: BaseException | str) -> str:
    """The error's message as it may be logged: unchanged if it is ours or about code and files, else redacted."""
    from airflow.sdk.exceptions import AirflowException

    full = None if isinstance(error, UserError) else full_disk(error)
    if full is not None:
        return str(full)
    return str(error) if isinstance(error, (str, AirflowException)) else told_without_data(error)


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
