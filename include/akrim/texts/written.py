"""Numbers as a language writes them, by its locale."""

from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.numbers import parse_pattern

from akrim.texts import Language, texts

WHOLE, WITH_DECIMAL, EXACT = (parse_pattern(form) for form in ("#,##0", "#,##0.0", "#,##0.###"))
MINUS = str.maketrans("-", "\u2212")


@cache
def locale_of(language: Language) -> Locale:
    return Locale.parse(texts(language, "language")["locale"])


# A report's method alone writes the same few hundred numbers tens of thousands of times.
@lru_cache(maxsize=10_000)
def figures(number: float, language: Language) -> str:
    """A number in figures, with one decimal where it is not whole."""
    pattern = WHOLE if number == int(number) else WITH_DECIMAL
    written: str = pattern.apply(Decimal(str(number)), locale_of(language))
    return written.translate(MINUS)


def exact_figures(number: float | Decimal, language: Language) -> str:
    """A number in figures, with three decimals at most, for what is held against a limit."""
    written: str = EXACT.apply(Decimal(str(number)), locale_of(language))
    return written.translate(MINUS)


@lru_cache(maxsize=10_000)
def in_words(number: int, language: Language) -> str:
    """A small number as running text has it; a larger one in figures."""
    spelled = dict(enumerate(texts(language, "language")["spelled"], start=2))
    return spelled.get(number) or figures(number, language)
