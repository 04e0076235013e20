"""Errors that a person can act on, told apart from defects, which keep their traceback; and what others' errors say, without their data."""

import re
import traceback
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

NAMED = r"\b(?:relation|column|constraint|table|schema|function|index|view|database|model|test|server at|user|role)s?\s+"
APOSTROPHE = r"(?<=[a-z]{2})'[a-z]{1,2}\b"
QUOTE = re.compile(rf"{NAMED}(?:\"[^\"\n]*\"|'[^'\n]*')|\"|(?!{APOSTROPHE})'")
NUMBER = re.compile(r"\d{6,}")
# What these say is of code and files.
CODE_ERRORS = (AttributeError, ImportError, NameError, NotImplementedError, OSError)
ROWS_FOLLOW = re.compile(r"\s*(?:DETAIL|CONTEXT|LINE \d+|QUERY|STATEMENT|Failing row)")


class UserError(Exception):
    """Something the user can put right.

    Args:
        what: what is wrong, in one sentence, without personal data.
        where: the file, setting or id that is concerned.
        next_step: what to do about it.
    """

    def __init__(self, what: str, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        return "\n".join(
            line
            for line in (
                self.what,
                f"  where: {self.where}" if self.where else "",
                f"  next:  {self.next_step}" if self.next_step else "",
            )
            if line
        )


class Unreachable(UserError):
    """Something that may answer again by itself, such as a database that is being restarted."""


class StepFailed(Exception):
    """A failure, in a message without data."""


def told_without_data(error: BaseException) -> str:
    """What an error says: our own words as they are, others' without the values that they quote, with the line of our code."""
    if isinstance(error, (StepFailed, UserError, *CODE_ERRORS)):
        return str(error)
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "akrim" in frame.filename]
    place = f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""
    return f"{type(error).__name__}: {redacted(str(error))}{place}"


def traceback_without_data(error: Exception) -> str:
    """The traceback of a defect and of what led to it, as Python writes it, with messages that quote no value."""
    causes = list(_causes(error))
    return "\nwhich led to\n\n".join(
        "".join(traceback.format_tb(one.__traceback__)) + f"{type(one).__name__}: {_without_data(one)}\n"
        for one in reversed(causes)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _without_data(error: BaseException) -> str:
    return str(error) if isinstance(error, (UserError, *CODE_ERRORS)) else redacted(str(error))


def redacted(text: str) -> str:
    """The message without the values that databases and parsers quote, which may be personal data, and without the rows that follow.

    Names of tables and columns stay. A value may hold quotes and new lines itself, so that what begins with a quote goes up to the last one.
    """
    kept = "\n".join(takewhile(lambda line: not ROWS_FOLLOW.match(line), text.strip().splitlines()))
    return NUMBER.sub("…", _without_quoted(kept))


def _without_quoted(text: str) -> str:
    opened = next((match for match in QUOTE.finditer(text) if match[0] in "\"'"), None)
    if opened is None:
        return text
    closed = text.rfind(opened[0])
    rest = text[closed + 1 :] if closed > opened.start() else ""
    return f"{text[: opened.start()]}'…'{_without_quoted(rest)}"
