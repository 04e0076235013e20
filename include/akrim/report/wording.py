"""The report's texts, code labels, dates and numbers, in the reader's language.

Text from an agency goes through `clean`, which removes characters that could hide or reorder what is read.
"""

from datetime import date
from typing import Any

from babel.dates import format_date
from babel.lists import format_list

from akrim.characters import visible
from akrim.texts import Language, labels, texts
from akrim.texts.written import figures, in_words, locale_of

MAX_WORD = 45
# In the place of what is not there.
DASH = "\u2013"


def clean(text: str | None, longest: int = 500) -> str:
    """The text with hidden characters shown as �, white space as single spaces, and a limited length.

    Unbroken runs too long for a line are cut with an ellipsis.
    """
    if not text:
        return ""
    runs = text.split()
    if len(text) > MAX_WORD:  # most are not, and every cell comes here
        runs = [shortened(run, MAX_WORD) for run in runs]
    return visible(" ".join(runs))[:longest]


def shortened(label: str, longest: int) -> str:
    """The label, cut with an ellipsis if longer."""
    return label if len(label) <= longest else label[: longest - 1].rstrip() + "\u2026"


class Words:
    """The texts of one language, with the labels of codes."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.texts: dict[str, str] = texts(language, "report")
        self._labels = labels(language)
        self._style = texts(language, "language")
        self._locale = locale_of(language)

    def __call__(self, key: str, **values: Any) -> str:
        return self.texts[key].format(**values) if values else self.texts[key]

    def counted(self, key: str, number: int, **values: Any) -> str:
        """A text with singular and plural, such as `1 sak` and `2 saker`."""
        return self(self._form(key, number), number=self.number(number), **values)

    def told(self, key: str, number: int, **values: Any) -> str:
        """The same within a sentence: small numbers are words."""
        return self(self._form(key, number), number=in_words(number, self.language), **values)

    def listing(self, names: list[str]) -> str:
        """Names as a list in a sentence: one, two and three."""
        return format_list(names, locale=self._locale)

    def label(self, code_list: str, code: str | None) -> str:
        """The label of a code; a code without one is shown as delivered."""
        if code is None:
            return ""
        return self._labels.get((code_list, code)) or clean(code.replace("_", " "))

    def codes(self, code_list: str) -> dict[str, str]:
        """A list's codes with their labels, in the list's order."""
        return {code: label for (listed, code), label in self._labels.items() if listed == code_list}

    def change(self, kind: str) -> str:
        """What moved a line, of which some kinds only the report tells apart."""
        return self.texts.get(f"change_{kind}") or self.label("list_change", kind)

    def cause(self, cause: str) -> str:
        return self.texts.get(f"cause_{cause}") or self.label("list_cause", cause)

    def agency(self, agency: str) -> str:
        return self.label("agency", agency)

    def agencies(self, codes: str | None) -> list[str]:
        """Comma-separated agency codes as names for use within a sentence, sorted."""
        listed = (code for code in (codes or "").split(",") if code)
        return sorted(self._labels.get(("agency_within", code)) or self.agency(code) for code in listed)

    def reporter(self, code: str | None) -> str:
        """The reporter, as in `reported by a private person`."""
        return self.texts.get(f"reporter_{code}") or self.label("reporter", code) or self("reporter_unknown")

    def full_name(self, person: dict[str, Any]) -> str:
        return clean(person["full_name"]) or self("name_unknown")

    def rule_name(self, code: str) -> str:
        return self.label("rule", code)

    def day(self, day: date | None) -> str:
        """A date in figures, for tables."""
        if day is None:
            return ""
        return self._dated("day", day)

    def span(self, start: date | None, end: date | None) -> str:
        """A range of years, possibly open."""
        years = [str(day.year) if day else "" for day in (start, end)]
        return years[0] if years[0] and years[0] == years[1] else DASH.join(years)

    def extract(self, agency: str, extract: str) -> str:
        """The name of an agency's extract in a sentence."""
        named = self.texts.get(f"extract_{agency}_{extract}") or self.texts.get(f"extract_{extract}")
        return named or clean(extract)

    def extract_state(self, state: str, row: dict[str, Any]) -> str:
        """What is out of the ordinary of an extract, with its rows and the day of its facts where these matter."""
        rows = {
            name: DASH if row[name] is None else self.number(row[name]) for name in ("rows", "rows_usual")
        }
        return self.label("extract_state", state).format(
            facts_date=self.day(row["newest_fact_date"]) or DASH, **rows
        )

    def period(self, period: str) -> str:
        """A tertial as it is called: `2025-T3` as the third of 2025."""
        return self(f"period_name_{period[-1]}", year=period[:4])

    def iso_day(self, text: str | None) -> str:
        """A date given as ISO text."""
        return self.day(date.fromisoformat(text[:10])) if text else ""

    def long_day(self, day: date) -> str:
        return self._dated("long_day", day)

    def number(self, value: float) -> str:
        return figures(value, self.language)

    def signed(self, value: float) -> str:
        """A difference, always with its sign."""
        return f"+{self.number(value)}" if value > 0 else self.number(value)

    def _dated(self, form: str, day: date) -> str:
        return format_date(day, self._style[form], locale=self._locale)

    def _form(self, key: str, number: int) -> str:
        return f"{key}_one" if self._locale.plural_form(number) == "one" else f"{key}_many"
