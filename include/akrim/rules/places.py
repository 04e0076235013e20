"""The numbers in published texts: a text names a {place}, and what stands there is what the SQL counts with."""

from collections.abc import Iterable, Mapping
from typing import Any

from akrim.texts import Language
from akrim.texts.written import figures, in_words


def of_row(row: Mapping[str, Any], language: Language) -> dict[str, str]:
    """The places of a seed's row: each number by its column, and the same in words (`hub_limit_in_words`)."""
    return _both({column: int(value) for column, value in row.items() if str(value).isdigit()}, language)


def of_definitions(rows: Iterable[Mapping[str, str]], language: Language) -> dict[str, str]:
    """Each definition's number by its code, and the same in words (`look_back_in_words`)."""
    return _both({row["definition_code"]: int(row["quantity"]) for row in rows if row["quantity"]}, language)


def _both(numbers: Mapping[str, int], language: Language) -> dict[str, str]:
    return {name: figures(number, language) for name, number in numbers.items()} | {
        f"{name}_in_words": in_words(number, language) for name, number in numbers.items()
    }
