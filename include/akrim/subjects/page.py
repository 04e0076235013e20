"""The page on which a person reads what is held about him or her: what it comes to first, every code by its words."""

from itertools import groupby
from typing import Any

from akrim.contracts import NATIONAL, load_contracts
from akrim.report import Words, clean, found, template_environment
from akrim.texts import texts

LONGEST = 4000


def render_page(language: str, told: dict[str, Any]) -> str:
    """What `akrim.subjects.reading` tells about a person, as one HTML page without any script."""
    environment = template_environment("akrim.subjects")
    words = Words(language)
    own = texts(language, "subject")
    environment.filters |= {
        "text": lambda value: clean(None if value is None else str(value), longest=LONGEST),
        "label": lambda code, of: own["codes"].get(of, {}).get(code) or words.label(of, code),
        "day": words.iso_day,
        "time": lambda text: f"{words.iso_day(text)} {text[11:16]}",
        "extract": lambda row: (
            f"{words.agency(row['agency'])}: {words.extract(row['agency'], row['extract'])}"
        ),
        "recipient": lambda code: _recipient(code, own, words),
        "found": lambda indicator: found(indicator | {"indicator_code": indicator["code"]}, words),
        "record": lambda record: _record(record, words),
        "fields": lambda row: _fields(row, language),
        "number": words.number,
        "signed": words.signed,
    }
    return environment.get_template("subject.html.j2").render(
        t=own, words=words, s=told, sources=_by_extract(told["sources"]), language=language
    )


def _by_extract(sources: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The rows of one extract together, as they come."""
    return [list(rows) for _, rows in groupby(sources, key=lambda row: (row["agency"], row["extract"]))]


def _recipient(code: str | None, own: dict[str, Any], words: Words) -> str:
    """The person, a centre, an agency or who looks at the whole country; nobody for what went nowhere."""
    if not code:
        return ""
    if code in own["codes"]["recipient"]:
        return str(own["codes"]["recipient"][code])
    known = "agency" if code in load_contracts() else "recipient" if code == NATIONAL else "centre"
    return words.label(known, code)


def _record(record: str, words: Words) -> str:
    """A person record, source/id, by its agency's name."""
    source, _, key = record.partition("/")
    return f"{words.agency(source)} {clean(key)}"


def _fields(row: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """A row's fields with their names: the agencies' own, which are Norwegian, or as the contract describes them in English."""
    if not row["fields"]:
        return []
    described = {
        c.path: c.description for c in load_contracts()[row["agency"]].extract(row["extract"]).columns
    }
    return [
        (
            described[path].partition(";")[0].rstrip(".")
            if language == "en" and described[path]
            else path.replace("_", " ").replace(".", " "),
            clean(str(value), longest=LONGEST),
        )
        for path, value in row["fields"].items()
    ]
