"""Person numbers and organisation numbers, as SQL expressions that read the same in PostgreSQL and DuckDB.

In goes the SQL name of a text column, out comes an expression; nothing is ever checked row by row in Python.
The rules are the tax administration's (fødselsnummer, D-number, the relaxed first control digit of 2032, the
synthetic series) and the business register's (modulus 11).
"""

from collections.abc import Iterable
from typing import Literal

ControlRule = Literal["strict", "2032"]

FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
ORGNR_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)

# Added to the month: 40 NAV's test persons, 65 Norsk helsenett's, 80 the tax administration's (Tenor).
TEST_SERIES = (40, 65, 80)
RELAXED_RULE_YEAR = 2032

DAYS = (*range(1, 32), *range(41, 72))  # a D-number's day has 40 added
MONTHS = range(1, 13)
TEST_MONTHS = tuple(series + month for series in TEST_SERIES for month in MONTHS)


def control_rule(year: int) -> ControlRule:
    """Which first control digit counts in deliveries for that year."""
    return "2032" if year >= RELAXED_RULE_YEAR else "strict"


def person_number_kind_sql(column: str, rule: ControlRule = "strict") -> str:
    """'real' or 'test' by the month's series; null for what is no person number at all."""
    return (
        f"case when not coalesce({column} ~ '^[0-9]{{11}}$', false) then null"
        f" when substr({column}, 1, 2) not in ({_listed(DAYS)}) then null"
        f" when not ({_control_digits_sql(column, rule)}) then null"
        f" when {has_month_of_sql(column, 'real')} then 'real'"
        f" when {has_month_of_sql(column, 'test')} then 'test' end"
    )


def has_month_of_sql(column: str, kind: Literal["real", "test"]) -> str:
    """True where that kind of person number may be: sooner asked than its control digits."""
    return f"substr({column}, 3, 2) in ({_listed(MONTHS if kind == 'real' else TEST_MONTHS)})"


def is_person_number_sql(column: str, rule: ControlRule) -> str:
    """True where the column holds a person number of any series."""
    return f"(({person_number_kind_sql(column, rule)}) is not null)"


def is_orgnr_sql(column: str) -> str:
    """True where the column holds nine digits whose control digit fits."""
    return (
        f"(case when coalesce({column} ~ '^[0-9]{{9}}$', false)"
        f" then {_remainder(column, ORGNR_WEIGHTS)} = 0 else false end)"
    )


def _control_digits_sql(column: str, rule: ControlRule) -> str:
    highest_remainder = 3 if rule == "2032" else 0
    first = f"{_remainder(column, (*FIRST_WEIGHTS, 0))} <= {highest_remainder}"
    return f"{first} and {_remainder(column, SECOND_WEIGHTS)} = 0"


def _remainder(column: str, weights: tuple[int, ...]) -> str:
    """The weighted sum of a number's digits modulo 11, by arithmetic, which costs a third of cutting the text into digits.

    The digit before the last p is (n % 10^(p + 1) - n % 10^p) / 10^p, and dividing by 10 is changing the sign: 10 is -1 modulo 11.
    """
    signed = [weight * (-1) ** place for place, weight in enumerate(reversed(weights))]
    factors = [(one - next_one) % 11 for one, next_one in zip(signed, [*signed[1:], 0], strict=True)]
    terms = (
        f"{factor} * ({column}::bigint % {10**digits})"
        for digits, factor in enumerate(factors, start=1)
        if factor
    )
    return f"(({' + '.join(terms)}) % 11)"


def _listed(numbers: Iterable[int]) -> str:
    """As two digits each: a list is looked up at once, where a range asks for its value twice."""
    return ", ".join(f"'{number:02}'" for number in numbers)
