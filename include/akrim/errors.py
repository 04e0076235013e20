"""Errors that a person can act on, told apart from defects, which keep their traceback; and what others' errors say, without their data."""

import re
from itertools import takewhile

NAMED = r"\b(?:relation|column|constraint|table|schema|function|index|view|database|model|test|server at|user|role)s?\s+"
APOSTROPHE = r"(?<=[a-z]{2})'[a-z]{1,2}\b"
QUOTE = re.compile(rf"{NAMED}(?:\"[^\"\n]*\"|'[^'\n]*')|\"|(?!{APOSTROPHE})'")
NUMBER = re.compile(r"\d{6,}")
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
